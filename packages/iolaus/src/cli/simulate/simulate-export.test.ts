import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTrace } from '../../simulator/replay/read-trace.ts';
import { startIolaus } from '../../testing/iolaus-process.ts';
import { openLiveFarm } from '../../testing/live-farm.ts';

test('what a farm has built is exported, and can be replayed', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  for (const name of ['first', 'second']) {
    const { build } = await farm.queue(name, 'echo > $out');
    assert.equal(await farm.statusOf(build), 0);
  }
  const file = join(farm.folder, 'trace.jsonl');
  const store = ['--store', farm.daemon.address.storeDirectory];
  const exported = await startIolaus(
    ['simulate', '--export', file, '--db-url', farm.databaseUrl, ...store],
    { environment: farm.daemon.environment },
  ).ended;
  assert.deepEqual([exported.status, exported.stderr], [0, '']);
  assert.match(exported.stdout, /^2 steps of 2 evaluations: /);
  const { nodes, evaluations } = await readTrace(file);
  assert.deepEqual(nodes.map(({ name }) => name).toSorted(), ['first', 'second']);
  assert.equal(evaluations.length, 2);
  const replayed = await startIolaus(['simulate', '--trace', file, '--json']).ended;
  assert.equal(replayed.status, 0, replayed.stderr);
});
