import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultStoreDirectory, printStorePath } from '@iolaus/nix';
import { systemClock } from '../../clock/system-clock.ts';
import type { Database } from '../../database/connection/connection.ts';
import { insertBusySteps } from '../../database/steps/insert-busy-steps.ts';
import { testDatabase } from '../../database/testing.ts';
import { busyStep, queueBuilds, someTime } from '../../database/testing-farm.ts';
import { buildId } from '../../farm/identity.ts';
import type { BuildId } from '../../farm/identity.ts';
import { openFoundRecords } from './record-found.ts';
import type { ChargedFind } from './record-found.ts';
import { drv, out } from './testing/shaped-derivations.ts';

const print = (path: ReturnType<typeof out>): string => printStorePath(defaultStoreDirectory, path);

const found = (root: string, derivation: string, output = 'out'): ChargedFind => ({
  root: drv(root),
  derivation: drv(derivation),
  output,
  path: out(output === 'out' ? derivation : `${derivation}-${output}`),
});

/** Records in whose store everything is but what is `inCaches`. */
const openRecords = (database: Database, inCaches: readonly string[] = []) =>
  openFoundRecords({
    database,
    storeDirectory: defaultStoreDirectory,
    clock: { ...systemClock, now: () => someTime * 1_000 + 700 },
    validInStore: async (paths) =>
      new Set(paths.filter((path) => !inCaches.some((name) => out(name) === path))),
  });

const rowsIn = (database: Database) =>
  database.query(
    `select s.build, s.stepnr as number, substring(s.drvpath from 45) as derivation, s.type, s.busy, s.status,
       s.machine, s.system, s.starttime as start, s.stoptime as stop, array_agg(o.name order by o.name) as outputs
     from buildsteps s join buildstepoutputs o using (build, stepnr) where s.type = 1
     group by s.build, s.stepnr order by s.build, s.stepnr`,
  );

const row = (build: BuildId, number: number, name: string, outputs: readonly string[]) => ({
  build,
  number,
  derivation: `${name}.drv`,
  outputs,
  type: 1,
  busy: 0,
  status: 0,
  machine: '',
  system: null,
  start: someTime,
  stop: someTime,
});

test('a derivation gets one row with its outputs, of the first build with the root that needs it', async () => {
  await using scene = await testDatabase();
  const { database } = scene;
  const [one = assert.fail(), other = assert.fail()] = await queueBuilds(database, ['one', 'two']);
  const builds = [
    { id: one, derivation: drv('app') },
    { id: other, derivation: drv('app') },
    { id: other, derivation: drv('tool') },
  ];
  const note = openRecords(database);
  await note(builds, [
    found('app', 'gcc'),
    found('tool', 'make'),
    found('app', 'gcc', 'lib'),
    found('app', 'app'),
  ]);
  assert.deepEqual(await rowsIn(database), [
    row(one, 1, 'gcc', ['lib', 'out']),
    row(one, 2, 'app', ['out']),
    row(other, 1, 'make', ['out']),
  ]);
});

test('of an output of which a step tells, whichever and however it ended, there is no row, and of the others there is', async () => {
  await using scene = await testDatabase();
  const { database } = scene;
  const [one = assert.fail(), other = assert.fail()] = await queueBuilds(database, ['one', 'two']);
  const derivation = printStorePath(defaultStoreDirectory, drv('gcc'));
  const outputs = new Map([
    ['out', print(out('gcc'))],
    ['man', null],
  ]);
  await database.transaction((transaction) =>
    insertBusySteps(transaction, [busyStep(one, 'gcc', { derivation, outputs })]),
  );
  const builds = [{ id: other, derivation: drv('app') }];
  const finds = ['out', 'lib', 'man'].map((output) => found('app', 'gcc', output));
  await openRecords(database)(builds, finds);
  await openRecords(database)(builds, finds);
  assert.deepEqual(await rowsIn(database), [row(other, 1, 'gcc', ['lib', 'man'])]);
});

test('of what lies in a cache alone, or is of no build or of one that is gone, there is no row', async () => {
  await using scene = await testDatabase();
  const [build = assert.fail()] = await queueBuilds(scene.database, ['one']);
  const builds = [
    { id: build, derivation: drv('app') },
    { id: buildId(1_000_000), derivation: drv('deleted') },
  ];
  const note = openRecords(scene.database, ['gcc']);
  const others = [found('other', 'make'), found('deleted', 'make')];
  await note(builds, [found('app', 'gcc'), ...others, found('app', 'sed')]);
  assert.deepEqual(await rowsIn(scene.database), [row(build, 1, 'sed', ['out'])]);
});
