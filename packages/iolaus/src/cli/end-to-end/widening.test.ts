import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeGate } from '../../builder/testing/gate.ts';
import { narrowTimestamps, widenTimestamps } from '../../database/widen-timestamps/widen.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';

test('a farm goes on while its times become wide, narrow again, and wide for good', async () => {
  await using farm = await openLiveFarm();
  const { database } = farm;
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const gate = makeGate(farm.folder, 'gate');
  const held = await farm.queue('held', `${gate.wait}; echo > $out`);
  await until(async () => (await farm.steps(held.build)).length === 1);
  let number = 0;
  const buildOne = async (): Promise<void> => {
    number += 1;
    const { build } = await farm.queue(`one${number}`, 'echo > $out');
    assert.equal(await farm.statusOf(build), 0);
  };
  const onProgress = (): void => {};
  const widen = (finishes: boolean) =>
    widenTimestamps({ database, onProgress, finishes, restFactor: 0 });
  for (const change of [
    () => widen(false),
    () => narrowTimestamps({ database, onProgress }),
    () => widen(true),
  ])
    await Promise.all([change(), buildOne()]);
  await buildOne();
  await gate.open();
  assert.equal(await farm.statusOf(held.build), 0);
  const now = Date.now() / 1_000;
  const rows = await database.query<{ type: string; start: number; stop: number }>(
    `select pg_typeof(starttime)::text as type, starttime as start, stoptime as stop from builds union all
     select pg_typeof(starttime)::text, starttime, stoptime from buildsteps`,
  );
  assert.equal(rows.length, 2 * (number + 1));
  for (const { type, start, stop } of rows) {
    assert.equal(type, 'bigint');
    assert.ok(now - 600 < start && start <= stop && stop <= now, `${start} to ${stop}`);
  }
});
