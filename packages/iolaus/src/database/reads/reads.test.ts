import assert from 'node:assert/strict';
import test from 'node:test';
import type { BuildId } from '../../farm/identity.ts';
import { cancelBuilds } from '../builds/cancel-builds.ts';
import { openDatabase } from '../connection/connection.ts';
import type { Database } from '../connection/connection.ts';
import { finishBuilds } from '../builds/finish-builds.ts';
import { insertBusySteps } from '../steps/insert-busy-steps.ts';
import { replaceBuildResults } from '../builds/replace-build-results.ts';
import { testDatabase } from '../testing.ts';
import {
  addJobset,
  busyStep,
  derivationOf,
  outputOf,
  queueBuild,
  queueBuilds,
  someTime,
} from '../testing-farm.ts';
import { countBuilds } from './count-builds.ts';
import { listBuilds } from './list-builds.ts';
import type { BuildListFilter } from './list-builds.ts';
import { listEvaluations } from './list-evaluations.ts';
import { listMetrics } from './list-metrics.ts';
import { listOutputs } from './list-outputs.ts';
import { listProducts } from './list-products.ts';
import { readBuild } from './read-build.ts';

async function finish(database: Database, build: BuildId, status: number): Promise<void> {
  await database.transaction((transaction) =>
    finishBuilds(transaction, [
      {
        ...{ build, status, cached: status === 0, startTime: someTime, stopTime: someTime + 60 },
        ...{ size: 10, closureSize: 20, releaseName: 'release' },
      },
    ]),
  );
}

async function begin(database: Database, build: BuildId, name: string): Promise<void> {
  await database.transaction((transaction) =>
    insertBusySteps(transaction, [
      busyStep(build, name, { startTime: someTime + 9 }),
      busyStep(build, 'needed'),
    ]),
  );
}

/** Two jobsets with builds in every state. The names are those of the jobs. */
async function fillDatabase(database: Database): Promise<void> {
  const other = await addJobset(database, 'project', 'other');
  const foreign = await addJobset(database, 'foreign', 'jobset');
  const [, running, succeeded, failed, odd] = await queueBuilds(database, [
    ...['queued', 'running', 'succeeded', 'failed', 'Odd_100%'],
  ]);
  await queueBuilds(database, ['other'], other);
  await queueBuilds(database, ['foreign'], foreign);
  assert.ok(running && succeeded && failed && odd);
  await begin(database, running, 'running');
  await finish(database, succeeded, 0);
  await finish(database, failed, 1);
  await finish(database, odd, 6);
}

test('builds are listed newest first, by state, place and words', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await fillDatabase(database);
  const jobs = async (filter: Omit<BuildListFilter, 'limit'>): Promise<string[]> =>
    (await listBuilds(database, { ...filter, limit: 100 })).map(({ job }) => job);
  const all = ['foreign', 'other', 'Odd_100%', 'failed', 'succeeded', 'running', 'queued'];
  assert.deepEqual(await jobs({}), all);
  assert.deepEqual(await jobs({ state: 'queued' }), ['foreign', 'other', 'queued']);
  assert.deepEqual(await jobs({ state: 'running' }), ['running']);
  assert.deepEqual(await jobs({ state: 'succeeded' }), ['succeeded']);
  assert.deepEqual(await jobs({ state: 'failed' }), ['Odd_100%', 'failed']);
  assert.deepEqual(await jobs({ project: 'project' }), all.slice(1));
  assert.deepEqual(
    await jobs({ jobset: 'jobset' }),
    all.filter((job) => job !== 'other'),
  );
  assert.deepEqual(await jobs({ project: 'foreign', state: 'failed' }), []);
  assert.deepEqual(await jobs({ search: 'AIL' }), ['failed']);
  assert.deepEqual(await jobs({ search: '_' }), ['Odd_100%']);
  assert.deepEqual(await jobs({ search: '%' }), ['Odd_100%']);
  assert.deepEqual(await jobs({ search: 'queued-1' }), ['queued']);
});

test('pages of builds follow each other without gap or overlap', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await fillDatabase(database);
  const whole = await listBuilds(database, { limit: 100 });
  const paged = [];
  let before: number | undefined;
  for (;;) {
    const page = await listBuilds(database, { before, limit: 2 });
    if (page.length === 0) break;
    paged.push(...page);
    before = page.at(-1)?.id;
  }
  assert.deepEqual(paged, whole);
});

test('a summary tells how far a build is', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await fillDatabase(database);
  const builds = await listBuilds(database, { project: 'project', jobset: 'jobset', limit: 100 });
  const byJob = new Map(builds.map((build) => [build.job, build]));
  const summary = (name: string): object => ({
    id: byJob.get(name)?.id,
    ...{ project: 'project', jobset: 'jobset', job: name, nixName: `${name}-1.0` },
    ...{ system: 'x86_64-linux', derivation: derivationOf(name), queuedAt: someTime },
    ...{ finished: false, status: null, running: false, cached: false },
    ...{ startedAt: null, stoppedAt: null },
  });
  const ended = { finished: true, startedAt: someTime, stoppedAt: someTime + 60 };
  assert.deepEqual(byJob.get('queued'), summary('queued'));
  assert.deepEqual(byJob.get('running'), {
    ...summary('running'),
    ...{ running: true, startedAt: someTime },
  });
  assert.deepEqual(byJob.get('succeeded'), {
    ...summary('succeeded'),
    ...ended,
    ...{ status: 0, cached: true },
  });
  assert.deepEqual(byJob.get('failed'), { ...summary('failed'), ...ended, status: 1 });
});

test('builds are counted by state', async () => {
  await using made = await testDatabase();
  const { database } = made;
  assert.deepEqual(await countBuilds(database), { queued: 0, running: 0, succeeded: 0, failed: 0 });
  await fillDatabase(database);
  assert.deepEqual(await countBuilds(database), { queued: 3, running: 1, succeeded: 1, failed: 2 });
});

test('a build tells all of itself, and nothing of an earlier life', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database);
  await finish(database, build, 0);
  const details = { description: 'The package hello', evaluation: 1, priority: 100 };
  const limits = { globalPriority: 0, timeoutSeconds: null, maxSilentSeconds: null };
  const [summary] = await listBuilds(database, { limit: 1 });
  assert.deepEqual(await readBuild(database, build), {
    ...{ ...summary, ...details, ...limits },
    ...{ size: 10, closureSize: 20, releaseName: 'release' },
  });
  await database.query('update builds set finished = 0');
  const [again] = await listBuilds(database, { limit: 1 });
  assert.deepEqual(await readBuild(database, build), {
    ...{ ...again, ...details, ...limits, size: null, closureSize: null, releaseName: null },
  });
  assert.equal(again?.status, null);
  assert.equal(again.cached, false);
  assert.equal(await readBuild(database, build + 1), null);
});

test('outputs, products and metrics are read as they were written', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database);
  assert.deepEqual(await listOutputs(database, build), [{ name: 'out', path: outputOf('hello') }]);
  const product = {
    ...{ type: 'file', subtype: 'tarball', name: 'a.tgz', path: outputOf('hello/a.tgz') },
    ...{ defaultPath: '', fileSize: 2 ** 33, sha256: 'ab' },
  };
  await database.transaction((transaction) =>
    replaceBuildResults(transaction, [
      {
        build,
        outputs: new Map([['dev', outputOf('hello-dev')]]),
        products: [product, { ...product, name: 'b.tgz' }],
        metrics: [
          { name: 'time', unit: 's', value: 1.5 },
          { name: 'lines', unit: null, value: 7 },
        ],
      },
    ]),
  );
  assert.deepEqual(await listOutputs(database, build), [
    { name: 'dev', path: outputOf('hello-dev') },
    { name: 'out', path: outputOf('hello') },
  ]);
  assert.deepEqual(await listProducts(database, build), [
    { number: 1, ...product },
    { number: 2, ...product, name: 'b.tgz' },
  ]);
  assert.deepEqual(await listMetrics(database, build), [
    { name: 'lines', unit: null, value: 7 },
    { name: 'time', unit: 's', value: 1.5 },
  ]);
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
  await finish(database, one, 0);
  await cancelBuilds(database, [two], someTime);
  await database.query(
    `update evaluationerrors set errormsg = 'broken' where id =
       (select evaluationerror_id from jobsetevals where id = 1)`,
  );
  const row = {
    ...{ project: 'project', timestamp: someTime, evaluationSeconds: 3, errorMessage: null },
    ...{ builds: 0, succeeded: 0, failed: 0, unfinished: 0 },
  };
  const first = {
    ...{ ...row, id: 1, jobset: 'jobset', builds: 3, succeeded: 1, failed: 1, unfinished: 1 },
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
  await finish(database, one, 0);
  const counts = { builds: 2, succeeded: 1, failed: 0, unfinished: 1 };
  assert.deepEqual(await standing(), { ...counts, kept: null });
  await finish(database, two, 1);
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
  await finish(made.database, build, 0);
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
