import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startIolaus } from '../../testing/iolaus-process.ts';
import type { IolausProcess } from '../../testing/iolaus-process.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';

// Longer than it takes a runner to start, so that one that had forgotten would be too early.
const restSeconds = 6;

async function startRunnerProcess(farm: LiveFarm): Promise<IolausProcess> {
  const configuration = join(farm.folder, 'runner.toml');
  await writeFile(
    configuration,
    `maxRetries = 2\nretryInterval = ${restSeconds}\nretryBackoff = 1\n`,
  );
  const runner = startIolaus(
    [
      'runner',
      '--config-path',
      configuration,
      '--db-url',
      farm.databaseUrl,
      '--data-dir',
      farm.folder,
      '--grpc-bind',
      join(farm.folder, 'runner'),
      '--rest-bind',
      '127.0.0.1:0',
    ],
    { environment: farm.daemon.environment },
  );
  await runner.told(/iolaus runner: unix/);
  return runner;
}

test('a step goes on resting when its runner is killed, and the next one knows how often it was tried', async () => {
  await using farm = await openLiveFarm();
  const plans = () =>
    farm.database.query<{ tries: number; restsUntil: number }>(
      'select tries, restsuntil as "restsUntil" from iolaus.retries',
    );
  await using first = await startRunnerProcess(farm);
  await using _builder = await farm.startBuilder(`unix://${join(farm.folder, 'runner')}`);
  const moody = 'exit 75';
  const { build } = await farm.queue('moody', moody, '{ iolausTransientExitCodes = "tempfail"; }');
  const [plan] = await until(async () => {
    const found = await plans();
    return found.length > 0 && found;
  });
  first.signal('SIGKILL');
  await first.ended;

  await using second = await startRunnerProcess(farm);
  assert.equal(await farm.statusOf(build), 1);
  const [early, late, ...others] = await farm.steps(build);
  assert.deepEqual([early?.status, late?.status, others], [3, 1, []]);
  assert.equal(plan?.tries, 1);
  const startedBefore = 1_000 * ((late?.startTime ?? 0) + 1);
  assert.ok(startedBefore > (plan?.restsUntil ?? Infinity), 'it was begun before it had rested');
  assert.deepEqual(await plans(), []);
  second.signal('SIGTERM');
  assert.equal((await second.ended).status, 0);
});
