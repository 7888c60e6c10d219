import assert from 'node:assert/strict';
import test from 'node:test';
import type { BuildId } from '../../farm/identity.ts';
import type { Database } from '../connection/connection.ts';
import { countAttempts } from './count-attempts.ts';
import { finishSteps } from './finish-steps.ts';
import type { FinishedAttempt } from './finish-steps.ts';
import { insertBusySteps } from './insert-busy-steps.ts';
import type { BusyStep } from './insert-busy-steps.ts';
import { insertFinishedSteps } from './insert-finished-steps.ts';
import type { FinishedStep } from './insert-finished-steps.ts';
import { testDatabase, untilSomebodyWaits } from '../testing.ts';
import {
  busyStep,
  derivationOf,
  outputOf,
  queueBuild,
  queueBuilds,
  someTime,
} from '../testing-farm.ts';
import { updateStepPhases } from './update-step-phases.ts';

const numbersOf = async (database: Database, build: BuildId): Promise<number[]> => {
  const rows = await database.query<{ stepnr: number }>(
    'select stepnr from buildsteps where build = $1 order by stepnr',
    [build],
  );
  return rows.map(({ stepnr }) => stepnr);
};

const succeeded = (build: BuildId, stepNumber: number): FinishedAttempt => ({
  build,
  stepNumber,
  status: 0,
  errorMessage: null,
  stopTime: someTime + 60,
  overheadMilliseconds: 12,
  outputs: new Map([['out', outputOf('made')]]),
});

test('steps of one build in one call are numbered in their order, on from the highest', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [one, other] = await queueBuilds(database, ['one', 'other']);
  assert.ok(one !== undefined && other !== undefined);
  const insert = (steps: readonly [BuildId, string][]): Promise<number[]> =>
    database.transaction((transaction) =>
      insertBusySteps(
        transaction,
        steps.map(([build, name]) => busyStep(build, name)),
      ),
    );
  assert.deepEqual(
    await insert([
      [other, 'a'],
      [one, 'b'],
      [other, 'c'],
      [other, 'd'],
    ]),
    [1, 1, 2, 3],
  );
  assert.deepEqual(
    await insert([
      [one, 'e'],
      [other, 'f'],
    ]),
    [2, 4],
  );
  const rows = await database.query(
    `select s.stepnr, s.drvpath, s.busy, s.status, o.name, o.path from buildsteps s
     join buildstepoutputs o using (build, stepnr) where s.build = $1 order by s.stepnr`,
    [other],
  );
  assert.deepEqual(
    rows,
    ['a', 'c', 'd', 'f'].map((name, index) => ({
      stepnr: index + 1,
      drvpath: derivationOf(name),
      busy: 30,
      status: null,
      name: 'out',
      path: outputOf(name),
    })),
  );
});

test('when another transaction took the number, the next one is taken', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database);
  let attempts = 0;
  let second: Promise<number[]> = Promise.resolve([]);
  await database.transaction(async (transaction) => {
    await insertBusySteps(transaction, [busyStep(build, 'first')]);
    second = database.transaction((other) => {
      attempts += 1;
      return insertBusySteps(other, [busyStep(build, 'second')]);
    });
    // The number is taken, but nobody knows yet whether for good.
    await untilSomebodyWaits(database);
  });
  assert.deepEqual(await second, [2]);
  assert.equal(attempts, 2);
  assert.deepEqual(await numbersOf(database, build), [1, 2]);
});

test('many writers of one build all succeed, without gaps', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database);
  await Promise.all(
    Array.from({ length: 6 }, (_, index) =>
      database.transaction(async (transaction) => {
        if (index % 2 === 0) {
          await insertBusySteps(transaction, [busyStep(build, 'a'), busyStep(build, 'b')]);
        } else {
          await insertFinishedSteps(transaction, [propagated(build, null)]);
        }
      }),
    ),
  );
  assert.deepEqual(await numbersOf(database, build), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a step finishes once: the second time changes nothing', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database);
  const read = (): Promise<object[]> =>
    database.query(
      `select s.stepnr, s.busy, s.status, s.errormsg, s.stoptime, s.overhead, o.path from buildsteps s
       join buildstepoutputs o using (build, stepnr) order by stepnr`,
    );
  await database.transaction(async (transaction) => {
    await insertBusySteps(transaction, [busyStep(build, 'made'), busyStep(build, 'waits')]);
    await finishSteps(transaction, [succeeded(build, 1)]);
  });
  const once = await read();
  assert.deepEqual(once, [
    {
      stepnr: 1,
      busy: 0,
      status: 0,
      errormsg: null,
      stoptime: someTime + 60,
      overhead: 12,
      path: outputOf('made'),
    },
    {
      stepnr: 2,
      busy: 30,
      status: null,
      errormsg: null,
      stoptime: null,
      overhead: null,
      path: outputOf('waits'),
    },
  ]);
  await database.transaction((transaction) =>
    finishSteps(transaction, [
      {
        ...succeeded(build, 1),
        status: 1,
        errorMessage: 'late',
        outputs: new Map([['out', '/nix/store/late']]),
      },
    ]),
  );
  assert.deepEqual(await read(), once);
});

test('what a builder says may hold every character', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database);
  await database.transaction(async (transaction) => {
    await insertBusySteps(transaction, [busyStep(build, 'a')]);
    await finishSteps(transaction, [
      { ...succeeded(build, 1), status: 1, errorMessage: 'a\0b "c" {d} \\ \n\u{1F600}' },
    ]);
  });
  assert.deepEqual(await database.query('select errormsg from buildsteps'), [
    { errormsg: 'ab "c" {d} \\ \n\u{1F600}' },
  ]);
});

test('a phase that comes late changes nothing', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database);
  await database.transaction(async (transaction) => {
    await insertBusySteps(transaction, [busyStep(build, 'a'), busyStep(build, 'b')]);
    await finishSteps(transaction, [succeeded(build, 1)]);
    await updateStepPhases(transaction, [
      { build, stepNumber: 1, busy: 40 },
      { build, stepNumber: 2, busy: 40 },
    ]);
  });
  assert.deepEqual(await database.query('select busy from buildsteps order by stepnr'), [
    { busy: 0 },
    { busy: 40 },
  ]);
});

test('a propagated failure names its origin and has no times', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [failed, dependent] = await queueBuilds(database, ['failed', 'dependent']);
  assert.ok(failed !== undefined && dependent !== undefined);
  await database.transaction((transaction) =>
    insertFinishedSteps(transaction, [propagated(dependent, failed), propagated(dependent, null)]),
  );
  const rows = await database.query(
    'select build, stepnr, type, busy, status, starttime, stoptime, propagatedfrom from buildsteps order by stepnr',
  );
  const row = { build: dependent, type: 0, busy: 0, status: 1, starttime: null, stoptime: null };
  assert.deepEqual(rows, [
    { ...row, stepnr: 1, propagatedfrom: failed },
    { ...row, stepnr: 2, propagatedfrom: null },
  ]);
});

test('attempts of builders are counted after a time, and within its second those of given builds', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [own, foreign] = await queueBuilds(database, ['own', 'foreign']);
  assert.ok(own !== undefined && foreign !== undefined);
  const at = (build: BuildId, startTime: number): BusyStep => busyStep(build, 'a', { startTime });
  await database.transaction(async (transaction) => {
    await insertBusySteps(transaction, [
      at(own, someTime - 1),
      at(own, someTime),
      at(own, someTime + 1),
      at(foreign, someTime),
      at(foreign, someTime + 1),
    ]);
    await insertFinishedSteps(transaction, [
      propagated(own, null),
      { ...propagated(own, null), type: 'substitution', startTime: someTime + 2 },
    ]);
  });
  assert.equal(await countAttempts(database, someTime, [own]), 3);
});

const propagated = (build: BuildId, propagatedFrom: BuildId | null): FinishedStep => ({
  build,
  propagatedFrom,
  type: 'build',
  status: 1,
  errorMessage: null,
  derivation: derivationOf('failed'),
  startTime: null,
  stopTime: null,
  machine: 'ares',
  system: 'x86_64-linux',
  outputs: new Map([['out', null]]),
});

test('an overhead that the column cannot hold is the longest that it can', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database);
  await database.transaction(async (transaction) => {
    await insertBusySteps(transaction, [busyStep(build, 'a')]);
    await finishSteps(transaction, [
      { ...succeeded(build, 1), overheadMilliseconds: 60_000_000_000 },
    ]);
  });
  assert.deepEqual(await database.query('select overhead from buildsteps'), [
    { overhead: 2_147_483_647 },
  ]);
});
