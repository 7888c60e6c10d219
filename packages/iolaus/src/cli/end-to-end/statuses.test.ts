import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import {
  buildStatusNumber,
  resolvedStatusNumber,
  stepStatusNumber,
} from '../../database/status.ts';
import type { BuildOutcome, StepOutcome } from '../../farm/outcome.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm, QueuedScript } from '../../testing/live-farm.ts';

// Hydra's numbers (`Builds.buildStatus`, `BuildSteps.status`): each is reached by a test below, or by one of those that are
// named here; what is missing is a type error, and a number that another test should reach is looked for in that.

const limits = { file: 'limits.test.ts', says: (status: number) => `: ${status},` };
const notDeterministic = {
  file: 'daemon-verdicts.test.ts',
  says: (status: number) => `notDeterministic = ${status};`,
};

type Reached =
  /** By the test below. */
  'here' | { readonly file: string; readonly says: (status: number) => string };

const buildStatuses: Readonly<Record<BuildOutcome, Reached>> = {
  succeeded: 'here',
  failed: 'here',
  'dependency-failed': 'here',
  aborted: 'here',
  cancelled: 'here',
  'failed-with-output': 'here',
  unsupported: 'here',
  'timed-out': limits,
  'log-limit-exceeded': limits,
  'output-limit-exceeded': limits,
  'not-deterministic': notDeterministic,
};

const stepStatuses: Readonly<Record<StepOutcome | 'resolved', Reached>> = {
  succeeded: 'here',
  failed: 'here',
  aborted: { file: 'retry-remembered.test.ts', says: (status) => `others], [${status}, ` },
  cancelled: 'here',
  'cached-failure': 'here',
  unsupported: 'here',
  'timed-out': limits,
  'log-limit-exceeded': limits,
  'output-limit-exceeded': limits,
  'not-deterministic': notDeterministic,
  resolved: { file: 'content-addressed.test.ts', says: (status) => `resolved = ${status};` },
};

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

/** Whoever is to reach a status does. */
async function assertReached<Name extends string>(
  statuses: Readonly<Record<Name, Reached>>,
  numberOf: (name: Name) => number,
  seen: ReadonlySet<number>,
): Promise<void> {
  for (const name in statuses) {
    const status = numberOf(name);
    const reached = statuses[name];
    if (reached === 'here') assert.ok(seen.has(status), `nothing ends as ${name}`);
    else {
      const text = await readFile(join(import.meta.dirname, reached.file), 'utf8');
      assert.ok(text.includes(reached.says(status)), `${reached.file} does not reach ${name}`);
    }
  }
}

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
  const seenBuilds = new Set(ends.map(([, status]) => status));
  await assertReached(buildStatuses, buildStatusNumber, seenBuilds);
  const seenSteps = new Set(ends.flatMap(([, , rows]) => rows));
  const numberOf = (name: StepOutcome | 'resolved'): number =>
    name === 'resolved' ? resolvedStatusNumber : stepStatusNumber(name);
  await assertReached(stepStatuses, numberOf, seenSteps);
});
