import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm, QueuedScript } from '../../testing/live-farm.ts';

// Those of the limits (7, 10 and 11) are reached in limits.test.ts, 13 with content-addressed derivations; nobody writes
// 12, and 5 is obsolete.

/** `origin` is the build that a failure comes from. */
type Row = { readonly status: number; readonly origin: number | null };

const rowsOf = (farm: LiveFarm, { build }: QueuedScript): Promise<Row[]> =>
  farm.database.query<Row>(
    `select status, propagatedfrom as origin from buildsteps where build = $1
     order by stepnr`,
    [build],
  );

/** Removes a derivation from under a build that is queued. */
async function lose({ daemon }: LiveFarm, { derivation }: QueuedScript): Promise<void> {
  const path = join(daemon.address.storeDirectory, derivation);
  await promisify(execFile)('nix-store', ['--delete', path], { env: daemon.environment });
}

/** Its output failed once, as Hydra's first runner left it. */
const remember = (farm: LiveFarm, { build }: QueuedScript): Promise<unknown> =>
  farm.database.query(
    'insert into failedpaths (path) select path from buildoutputs where build = $1',
    [build],
  );

/** As Hydra's pages do it. */
const cancel = (farm: LiveFarm, { build }: QueuedScript): Promise<unknown> =>
  farm.database.query(
    `update builds set finished = 1, buildstatus = 4, iscachedbuild = 0, starttime = 1, stoptime = 1
     where id = $1 and finished = 0`,
    [build],
  );

test('each status is reached, in the row of the build and in those of its steps', async () => {
  await using farm = await openLiveFarm();
  const fails = 'echo said; exit 1';
  const builds = {
    succeeded: await farm.queue('succeeded', 'echo > $out'),
    failed: await farm.queue('failed', fails),
    above: await farm.queue('above', 'cat $input', `{ input = run "failed" "${fails}" {}; }`),
    marked: await farm.queue('marked', 'mkdir -p $out/nix-support; touch $out/nix-support/failed'),
    lost: await farm.queue('lost', 'echo > $out'),
    alien: await farm.queue('alien', 'echo > $out', '{ requiredSystemFeatures = [ "none" ]; }'),
    remembered: await farm.queue('remembered', 'echo > $out'),
    cancelled: await farm.queue('cancelled', 'echo said; exec sleep 1000'),
  };
  await lose(farm, builds.lost);
  await remember(farm, builds.remembered);
  await using runner = await farm.startRunner({ maxUnsupportedTimeInS: 1 });
  await using _builder = await farm.startBuilder(runner.endpoint);
  await farm.logGrows(builds.cancelled, 1, 'said\n');
  await cancel(farm, builds.cancelled);
  await until(async () => (await rowsOf(farm, builds.cancelled))[0]?.status === 4);

  const ends = await Promise.all(
    Object.entries(builds).map(async ([name, queued]) => {
      const status = await farm.statusOf(queued.build);
      return [name, status, (await rowsOf(farm, queued)).map((row) => row.status)] as const;
    }),
  );
  assert.deepEqual(ends, [
    ['succeeded', 0, [0]],
    ['failed', 1, [1]],
    ['above', 2, [1]],
    ['marked', 6, [0]],
    ['lost', 3, []],
    ['alien', 9, [9]],
    ['remembered', 1, [8]],
    ['cancelled', 4, [4]],
  ]);
  const [propagated] = await rowsOf(farm, builds.above);
  assert.equal(propagated?.origin, builds.failed.build);
});
