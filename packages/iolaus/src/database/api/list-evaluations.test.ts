import assert from 'node:assert/strict';
import test from 'node:test';
import { cancelBuilds } from '../builds/cancel-builds.ts';
import { openDatabase } from '../connection/connection.ts';
import type { Database } from '../connection/connection.ts';
import { testDatabase } from '../testing.ts';
import {
  addJobset,
  finish,
  finishedBuild,
  queueBuild,
  queueBuilds,
  someTime,
} from '../testing-farm.ts';
import { listReadableEvaluations } from './list-evaluations.ts';
import type { EvaluationRow } from './list-evaluations.ts';

type Filter = Partial<Omit<Parameters<typeof listReadableEvaluations>[1], 'reader'>>;

const listEvaluations = (database: Database, filter: Filter): Promise<EvaluationRow[]> =>
  listReadableEvaluations(database, {
    reader: 'all',
    project: null,
    jobset: null,
    before: null,
    limit: 100,
    ...filter,
  });

test('evaluations are listed newest first, with how their builds stand', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobset = await addJobset(database);
  const other = await addJobset(database, 'project', 'other');
  const [one, two] = await queueBuilds(database, ['one', 'two', 'three'], jobset);
  assert.ok(one && two);
  await queueBuilds(database, ['four'], other);
  await queueBuilds(database, [], jobset);
  await finish(database, [finishedBuild(one, { cached: true })]);
  await cancelBuilds(database, [two], someTime);
  await database.query(
    `update evaluationerrors set errormsg = 'broken' where id =
       (select evaluationerror_id from jobsetevals where id = 1)`,
  );
  const row = {
    project: 'project',
    timestamp: someTime,
    evaluationSeconds: 3,
    errorMessage: null,
    builds: 0,
    succeeded: 0,
    failed: 0,
    unfinished: 0,
  };
  const first = {
    ...row,
    id: 1,
    jobset: 'jobset',
    builds: 3,
    succeeded: 1,
    failed: 1,
    unfinished: 1,
    errorMessage: 'broken',
  };
  const third = { ...row, id: 3, jobset: 'jobset' };
  assert.deepEqual(await listEvaluations(database, { limit: 10 }), [
    third,
    { ...row, id: 2, jobset: 'other', builds: 1, unfinished: 1 },
    first,
  ]);
  const jobsets = { project: 'project', jobset: 'jobset' };
  assert.deepEqual(await listEvaluations(database, { ...jobsets, limit: 1 }), [third]);
  assert.deepEqual(await listEvaluations(database, { ...jobsets, before: 3, limit: 5 }), [first]);
  assert.deepEqual(await listEvaluations(database, { project: 'foreign', limit: 5 }), []);
});

test('how a finished evaluation stands is counted once, and again after a restart', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobset = await addJobset(database);
  const [one, two] = await queueBuilds(database, ['one', 'two'], jobset);
  assert.ok(one && two);
  const standing = async (): Promise<object> => {
    const [row] = await listEvaluations(database, { limit: 1 });
    const { builds, succeeded, failed, unfinished } = row ?? {};
    const [kept] = await database.query<{ nrsucceeded: number | null }>(
      'select nrsucceeded from jobsetevals',
    );
    return { builds, succeeded, failed, unfinished, kept: kept?.nrsucceeded };
  };
  await finish(database, [finishedBuild(one, { cached: true })]);
  const counts = { builds: 2, succeeded: 1, failed: 0, unfinished: 1 };
  assert.deepEqual(await standing(), { ...counts, kept: null });
  await finish(database, [finishedBuild(two, { status: 1 })]);
  const finished = { builds: 2, succeeded: 1, failed: 1, unfinished: 0, kept: 1 };
  assert.deepEqual(await standing(), finished);
  // What was kept is what is told: nobody counts again.
  await database.query('update jobsetevals set nrsucceeded = 2');
  assert.deepEqual(await standing(), { ...finished, succeeded: 2, failed: 0, kept: 2 });
  await database.query('update builds set finished = 0 where id = $1', [two]);
  await database.query('update jobsetevals set nrsucceeded = null');
  assert.deepEqual(await standing(), { ...counts, kept: null });
});

test('evaluations are listed where nothing may be written, too', async () => {
  await using made = await testDatabase();
  const build = await queueBuild(made.database, 'one');
  await finish(made.database, [finishedBuild(build, { cached: true })]);
  const replica = await openDatabase({
    url: `${made.url}?options=-c%20default_transaction_read_only=on`,
    maxConnections: 1,
    applicationName: 'test',
  });
  try {
    const [row] = await listEvaluations(replica, { limit: 1 });
    assert.equal(row?.succeeded, 1);
  } finally {
    await replica.close();
  }
});
