import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeGate } from '../../builder/testing/gate.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';

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

/** As an operator does it who restarts PostgreSQL: every connection is ended, and for a while nobody answers. */
async function restartServer({ database }: LiveFarm): Promise<void> {
  const [row] = await database.query<{ directory: string }>(
    "select current_setting('data_directory') as directory",
  );
  const lines = await readFile(join(row?.directory ?? '', 'postmaster.pid'), 'utf8');
  process.kill(Number.parseInt(lines, 10), 'SIGINT');
}

test('a database server that is restarted under a runner loses nothing: what ended meanwhile is recorded, once', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const gate = makeGate(farm.folder, 'gate');
  const script = `echo said; ${gate.wait}; echo > $out`;
  const set = `let ending = run "ending" ${JSON.stringify(script)} {}; in {
    inherit ending;
    next = run "next" "read line < \${ending}; echo > $out" {};
  }`;
  const { ending = assert.fail(), next = assert.fail() } = await farm.queueAll(set);
  await farm.logGrows(ending, 1, 'said\n');

  await restartServer(farm);
  await gate.open();
  const statusOf = (build: number) => until(() => farm.statusOf(build).then(String, () => null));
  assert.equal(await statusOf(ending.build), '0');
  assert.equal(await statusOf(next.build), '0');
  const late = await farm.queue('late', 'echo > $out');
  assert.equal(await farm.statusOf(late.build), 0);
  const tried = await Promise.all([ending, next].map(({ build }) => farm.steps(build)));
  assert.deepEqual(
    tried.map((steps) => steps.map(({ status }) => status)),
    [[0], [0]],
  );
});
