import assert from 'node:assert/strict';
import test from 'node:test';
import { finishBuilds } from './finish-builds.ts';
import { insertBusySteps } from '../steps/insert-busy-steps.ts';
import { insertFinishedSteps } from '../steps/insert-finished-steps.ts';
import { readBuildReports } from './read-build-reports.ts';
import { readUnfinishedBuilds, readUnfinishedPriorities } from './read-unfinished-builds.ts';
import { readWatchedBuilds } from './read-watched-builds.ts';
import { testDatabase } from '../testing.ts';
import {
  busyStep,
  derivationOf,
  finish,
  finishedBuild,
  outputOf,
  queueThree,
  someTime,
} from '../testing-farm.ts';

test('queued builds are read most wanted first, by what is new or by their ids', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [one, two, three] = await queueThree(database);
  await database.query('update builds set globalpriority = 9, maxsilent = 5 where id = $1', [
    three,
  ]);
  const idsOf = (builds: readonly { readonly id: number }[]): number[] =>
    builds.map(({ id }) => id);
  const all = await readUnfinishedBuilds(database, { afterId: 0 });
  assert.deepEqual(idsOf(all), [three, one, two]);
  assert.deepEqual(all[0], {
    id: three,
    derivation: all[0]?.derivation,
    jobset: 1,
    evaluation: 1,
    globalPriority: 9,
    localPriority: 100,
    maxSilentSeconds: 5,
    timeoutSeconds: null,
  });
  assert.match(String(all[0]?.derivation), /three\.drv$/);
  await finish(database, [finishedBuild(one)]);
  assert.deepEqual(idsOf(await readUnfinishedBuilds(database, { afterId: one })), [three, two]);
  assert.deepEqual(idsOf(await readUnfinishedBuilds(database, { ids: [two, one] })), [two]);
  const priorities = await readUnfinishedPriorities(database);
  assert.deepEqual(
    new Map(priorities.map((row) => [row.id, row.globalPriority])),
    new Map([
      [two, 0],
      [three, 9],
    ]),
  );
});

test('a build whose derivation is none is told of and holds up no other', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [one, two, three] = await queueThree(database);
  await database.query(`update builds set drvpath = '/nix/store/nonsense' where id = $1`, [two]);
  const told: unknown[] = [];
  const builds = await readUnfinishedBuilds(database, { afterId: 0 }, (...what) => told.push(what));
  assert.deepEqual(
    builds.map(({ id }) => id),
    [one, three],
  );
  assert.deepEqual(told, [[two, '/nix/store/nonsense']]);
});

test('a build that is watched tells where it is', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [one, two] = await queueThree(database);
  await finish(database, [finishedBuild(two, { status: 1 })]);
  assert.deepEqual(await readWatchedBuilds(database, [two, one]), [
    { id: one, job: 'one', finished: false, status: null, startTime: null, stopTime: null },
    {
      id: two,
      job: 'two',
      finished: true,
      status: 1,
      startTime: someTime,
      stopTime: someTime + 60,
    },
  ]);
});

test('a report tells who built it, what came out, and which dependency failed', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [one, two] = await queueThree(database);
  await database.transaction(async (transaction) => {
    await insertBusySteps(transaction, [busyStep(one, 'one', { machine: 'hermes' })]);
    await insertFinishedSteps(transaction, [
      {
        build: two,
        derivation: derivationOf('library'),
        type: 'build',
        status: 1,
        errorMessage: 'exit code 2',
        startTime: null,
        stopTime: null,
        machine: 'ares',
        system: null,
        propagatedFrom: null,
        outputs: new Map(),
      },
    ]);
    await finishBuilds(transaction, [finishedBuild(one), finishedBuild(two, { status: 2 })]);
  });
  const [succeeded, failed] = await readBuildReports(database, [one, two]);
  assert.deepEqual(succeeded, {
    id: one,
    job: 'one',
    derivation: derivationOf('one'),
    finished: true,
    status: 0,
    cached: false,
    startTime: someTime,
    stopTime: someTime + 60,
    outputs: { out: outputOf('one') },
    machine: 'hermes',
    errorMessage: null,
  });
  assert.equal(failed?.errorMessage, 'library.drv: exit code 2');
  assert.equal(failed.machine, '');
});
