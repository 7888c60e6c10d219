import assert from 'node:assert/strict';
import test from 'node:test';
import type { BuildId } from '../../farm/identity.ts';
import { listBuildSteps, listRunningSteps } from '../api/list-steps.ts';
import type { Database } from '../connection/connection.ts';
import { finishSteps } from '../steps/finish-steps.ts';
import { insertBusySteps } from '../steps/insert-busy-steps.ts';
import type { BusyStep } from '../steps/insert-busy-steps.ts';
import { insertFinishedSteps } from '../steps/insert-finished-steps.ts';
import { insertResolvedSteps } from '../steps/insert-resolved-steps.ts';
import { testDatabase } from '../testing.ts';
import {
  busyStep,
  derivationOf,
  finish,
  finishedBuild,
  outputOf,
  queueBuild,
  queueBuilds,
  someTime,
} from '../testing-farm.ts';
import { readStep } from './read-step.ts';
import { standInStep } from './stand-in-step.ts';
import type { StepRow } from './step-row.ts';

const begin = (database: Database, ...steps: readonly BusyStep[]): Promise<number[]> =>
  database.transaction((transaction) => insertBusySteps(transaction, steps));

const end = (
  database: Database,
  build: BuildId,
  stepNumber: number,
  status: number,
  stopTime = someTime + 60,
): Promise<void> =>
  database.transaction((transaction) =>
    finishSteps(transaction, [
      {
        build,
        stepNumber,
        status,
        stopTime,
        overheadMilliseconds: 12,
        outputs: null,
        errorMessage: status === 0 ? null : 'exit code 1',
      },
    ]),
  );

const propagate = (
  database: Database,
  build: BuildId,
  name: string,
  propagatedFrom: BuildId | null,
): Promise<void> =>
  database.transaction((transaction) =>
    insertFinishedSteps(transaction, [
      {
        build,
        propagatedFrom,
        type: 'build',
        derivation: derivationOf(name),
        status: 1,
        errorMessage: null,
        startTime: null,
        stopTime: null,
        machine: '',
        system: null,
        outputs: new Map([
          ['out', null],
          ['dev', outputOf('dev')],
        ]),
      },
    ]),
  );

async function queueTwo(database: Database): Promise<[BuildId, BuildId]> {
  const [one, two] = await queueBuilds(database, ['one', 'two']);
  assert.ok(one !== undefined && two !== undefined);
  return [one, two];
}

const busyRow = (build: BuildId, stepNumber: number, name: string): StepRow => ({
  build,
  stepNumber,
  type: 'build',
  derivation: derivationOf(name),
  busy: 30,
  status: null,
  resolution: null,
  system: 'x86_64-linux',
  machine: 'ares',
  errorMessage: null,
  startedAt: someTime,
  stoppedAt: null,
  overheadMilliseconds: null,
  propagatedFrom: null,
  origin: null,
  outputs: [{ name: 'out', path: outputOf(name) }],
});

test('steps of a build are listed newest first, as many as are wanted', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database);
  await begin(database, busyStep(build, 'a'), busyStep(build, 'b'), busyStep(build, 'c'));
  await end(database, build, 2, 1);
  assert.deepEqual(await listBuildSteps(database, build, null, 2), [
    busyRow(build, 3, 'c'),
    {
      ...busyRow(build, 2, 'b'),
      busy: 0,
      status: 1,
      errorMessage: 'exit code 1',
      stoppedAt: someTime + 60,
      overheadMilliseconds: 12,
    },
  ]);
  assert.deepEqual(await readStep(database, build, 1), busyRow(build, 1, 'a'));
  assert.equal(await readStep(database, build, 4), null);
});

test('a resolved step leads to what was built instead, or had been built before', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [first, second] = await queueTwo(database);
  const resolve = (build: BuildId, time: number) =>
    database.transaction((transaction) =>
      insertResolvedSteps(transaction, [
        {
          build,
          derivation: derivationOf('open'),
          system: 'x86_64-linux',
          time,
          into: derivationOf('real').split('/').at(-1) ?? '',
          outputNames: ['out'],
        },
      ]),
    );
  const resolutionOf = async (build: BuildId) =>
    (await listBuildSteps(database, build, null, 9)).find(({ status }) => status === 13)
      ?.resolution;
  const resolved = { derivation: derivationOf('real'), step: null, wasBuilt: false };
  await resolve(first, someTime);
  assert.deepEqual(await resolutionOf(first), resolved);
  await begin(database, busyStep(first, 'real'));
  await end(database, first, 2, 0);
  const step = { build: first, step: 2 };
  await database.query('update buildsteps set stoptime = $1 where build = $2 and stepnr = 2', [
    someTime,
    first,
  ]);
  assert.deepEqual(await resolutionOf(first), { ...resolved, step });
  await resolve(second, someTime + 60);
  assert.deepEqual(await resolutionOf(second), { ...resolved, step, wasBuilt: true });
});

test('a time of 0, as a runner that was killed leaves it, is no time', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database);
  await begin(database, busyStep(build, 'a'));
  await end(database, build, 1, 3, 0);
  assert.equal((await readStep(database, build, 1))?.stoppedAt, null);
});

test('a propagated failure leads to the newest step that really failed', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [origin, dependent] = await queueTwo(database);
  await begin(
    database,
    busyStep(origin, 'library'),
    busyStep(origin, 'library'),
    busyStep(origin, 'other'),
    busyStep(origin, 'library'),
  );
  await end(database, origin, 1, 3);
  await end(database, origin, 2, 1);
  await end(database, origin, 3, 1);
  await propagate(database, dependent, 'library', origin);
  await propagate(database, dependent, 'unknown', null);
  const [unknown, known] = await listBuildSteps(database, dependent, null, 10);
  assert.equal(known?.propagatedFrom, origin);
  assert.equal(known.origin, 2);
  assert.equal(known.startedAt, null);
  assert.deepEqual(known.outputs, [
    { name: 'dev', path: outputOf('dev') },
    { name: 'out', path: null },
  ]);
  assert.equal(unknown?.origin, null);
});

test('running steps are told with their jobs, the longest first', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [one, two] = await queueTwo(database);
  await begin(
    database,
    busyStep(one, 'late', { startTime: someTime + 5 }),
    busyStep(two, 'early'),
    busyStep(one, 'over'),
  );
  await end(database, one, 2, 0);
  const place = { project: 'project', jobset: 'jobset' };
  const early = { ...busyRow(two, 1, 'early'), ...place, job: 'two' };
  assert.deepEqual(await listRunningSteps(database, 'all', 10), [
    early,
    { ...busyRow(one, 1, 'late'), startedAt: someTime + 5, ...place, job: 'one' },
  ]);
  assert.deepEqual(await listRunningSteps(database, 'all', 1), [early]);
});

/** Two builds of one derivation; steps are charged to the first. */
async function queueTwins(database: Database): Promise<[BuildId, BuildId]> {
  const charged = await queueBuild(database, 'shared');
  await database.query('update builds set finished = 1, starttime = 1, stoptime = 1');
  const reader = await queueBuild(database, 'shared');
  assert.notEqual(reader, charged);
  return [charged, reader];
}

test('what is built for another build stands in: first what runs, then what went best', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [charged, reader] = await queueTwins(database);
  assert.equal(await standInStep(database, reader), null);
  await begin(
    database,
    busyStep(charged, 'shared'),
    busyStep(charged, 'shared'),
    busyStep(charged, 'shared'),
    busyStep(charged, 'another'),
  );
  assert.ok((await standInStep(database, reader))?.busy === 30);
  await end(database, charged, 1, 0);
  await end(database, charged, 2, 0, someTime + 90);
  assert.equal((await standInStep(database, reader))?.stepNumber, 3);
  await end(database, charged, 3, 1, someTime + 95);
  assert.equal((await standInStep(database, reader))?.stepNumber, 2);
  // Its own attempt needs nobody to stand in; a failure that reached it does.
  assert.equal(await standInStep(database, charged), null);
  await propagate(database, reader, 'shared', charged);
  assert.equal((await standInStep(database, reader))?.build, charged);
  await begin(database, busyStep(reader, 'shared'));
  assert.equal(await standInStep(database, reader), null);
});

test('whoever made the first output stands in for a build that was found finished', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [maker, found] = await queueTwo(database);
  const outputs = new Map([['out', outputOf('two')]]);
  await begin(database, busyStep(maker, 'renamed', { outputs }));
  await end(database, maker, 1, 0);
  assert.equal(await standInStep(database, found), null);
  await finish(database, [finishedBuild(found, { cached: true })]);
  const standIn = await standInStep(database, found);
  assert.equal(standIn?.build, maker);
  assert.equal(standIn.derivation, derivationOf('renamed'));
});
