import assert from 'node:assert/strict';
import { test } from 'node:test';
import { olderShapes } from '../../database/schema/testing/older-shapes.ts';
import { narrowTimestamps, widenTimestamps } from '../../database/widen-timestamps/widen.ts';
import { openLiveFarm } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';
import { markedJobs } from '../../testing/marked-jobs.ts';

/** Builds of every kind of end, with what only a build can tell, and no row that is left busy. */
async function assertBuilds(farm: LiveFarm, salt: string): Promise<void> {
  const set = `{
    good = make "good" "echo ${salt} > $out" { };
    bad = make "bad" "echo ${salt}; exit 1" { };
    above = make "above" "cat \${make "bad" "echo ${salt}; exit 1" { }}" { };
    floats = make "floats" "cat \${upstream "${salt}"} > $out" floating;
  }`;
  const queued = Object.entries(await farm.queueAll(markedJobs(farm, set)));
  const statuses = await Promise.all(queued.map(([, { build }]) => farm.statusOf(build)));
  const ends = Object.fromEntries(queued.map(([job], index) => [job, statuses[index]]));
  assert.deepEqual(ends, { above: 2, bad: 1, floats: 0, good: 0 });
  const [odd] = await farm.database.query<{ count: number }>(
    `select count(*)::int4 as count from buildsteps
     where busy <> 0 or stoptime < starttime or (starttime is null and propagatedfrom is null)`,
  );
  assert.equal(odd?.count, 0);
}

test("a farm works on the oldest of Hydra's schemas, version 80", async () => {
  await using farm = await openLiveFarm();
  for (const [, statements] of olderShapes) {
    for (const statement of statements) await farm.database.query(statement);
  }
  await farm.database.query('update schemaversion set version = 80');
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  await assertBuilds(farm, 'old');
});

test('a farm goes on while its times become wide: with both, taken back, and with wide ones alone', async () => {
  await using farm = await openLiveFarm();
  const { database } = farm;
  const widen = (finishes: boolean): Promise<unknown> =>
    widenTimestamps({ database, restFactor: 0, finishes, onProgress: () => {} });
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  await assertBuilds(farm, 'narrow');
  await widen(false);
  await assertBuilds(farm, 'half-way');
  await narrowTimestamps({ database, onProgress: () => {} });
  await assertBuilds(farm, 'taken-back');
  await widen(true);
  await assertBuilds(farm, 'wide');
});
