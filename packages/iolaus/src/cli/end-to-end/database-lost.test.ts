import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeGate } from '../../builder/testing/gate.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';

test('a database that ends every connection costs nothing: what runs is recorded, what is queued then is built', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const gate = makeGate(farm.folder, 'gate');
  const running = await farm.queue('running', `echo said; ${gate.wait}; echo > $out`);
  await farm.logGrows(running, 1, 'said\n');

  const others = `select pg_terminate_backend(pid) as ended from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`;
  const ended = await farm.database.query<{ ended: boolean }>(others);
  // One that writes, one that listens, one by which it leads.
  assert.ok(ended.length >= 2);
  await gate.open();
  assert.equal(await farm.statusOf(running.build), 0);
  const late = await farm.queue('late', 'echo > $out');
  assert.equal(await farm.statusOf(late.build), 0);
  const [first, ...more] = await farm.steps(running.build);
  assert.deepEqual([first?.status, more], [0, []], 'it was tried once');
  await until(() => runner.progress().builders === 1);
});
