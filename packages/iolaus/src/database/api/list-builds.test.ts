import assert from 'node:assert/strict';
import test from 'node:test';
import type { BuildId } from '../../farm/identity.ts';
import type { Database } from '../connection/connection.ts';
import { countBuilds } from '../reads/count-builds.ts';
import type { BuildSummary } from '../reads/build-summary.ts';
import { insertBusySteps } from '../steps/insert-busy-steps.ts';
import { testDatabase } from '../testing.ts';
import {
  addJobset,
  busyStep,
  derivationOf,
  finish,
  finishedBuild,
  queueBuilds,
  someTime,
} from '../testing-farm.ts';
import { findJobsetIds } from './find-jobset-ids.ts';
import { listReadableBuilds } from './list-builds.ts';
import type { BuildGroup } from './list-builds.ts';

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
    'queued',
    'running',
    'succeeded',
    'failed',
    'Odd_100%',
  ]);
  await queueBuilds(database, ['other'], other);
  await queueBuilds(database, ['foreign'], foreign);
  assert.ok(running && succeeded && failed && odd);
  await begin(database, running, 'running');
  await finish(database, [finishedBuild(succeeded, { cached: true })]);
  await finish(database, [finishedBuild(failed, { status: 1 })]);
  await finish(database, [finishedBuild(odd, { status: 6 })]);
}

type Filter = {
  readonly project?: string;
  readonly jobset?: string;
  readonly state?: BuildGroup;
  readonly search?: string;
  readonly before?: number;
  readonly limit?: number;
};

const listBuilds = async (database: Database, filter: Filter): Promise<BuildSummary[]> =>
  listReadableBuilds(database, {
    jobsets: await findJobsetIds(database, 'all', filter),
    state: filter.state,
    before: filter.before ?? null,
    search: filter.search ?? null,
    limit: filter.limit ?? 100,
  });

test('builds are listed newest first, by state, place and words', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await fillDatabase(database);
  const jobs = async (filter: Filter): Promise<string[]> =>
    (await listBuilds(database, filter)).map(({ job }) => job);
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
  assert.deepEqual(await jobs({ search: '_10' }), ['Odd_100%']);
  assert.deepEqual(await jobs({ search: '00%' }), ['Odd_100%']);
  assert.deepEqual(await jobs({ search: 'd_1%' }), []);
  assert.deepEqual(await jobs({ search: 'queued-1' }), ['queued']);
});

test('pages of builds follow each other without gap or overlap', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await fillDatabase(database);
  const whole = await listBuilds(database, {});
  const paged = [];
  let before: number | undefined;
  for (;;) {
    const page = await listBuilds(database, {
      limit: 2,
      ...(before === undefined ? {} : { before }),
    });
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
  const builds = await listBuilds(database, { project: 'project', jobset: 'jobset' });
  const byJob = new Map(builds.map((build) => [build.job, build]));
  const summary = (name: string): object => ({
    id: byJob.get(name)?.id,
    project: 'project',
    jobset: 'jobset',
    job: name,
    nixName: `${name}-1.0`,
    system: 'x86_64-linux',
    derivation: derivationOf(name),
    queuedAt: someTime,
    finished: false,
    status: null,
    running: false,
    cached: false,
    startedAt: null,
    stoppedAt: null,
  });
  const ended = { finished: true, startedAt: someTime, stoppedAt: someTime + 60 };
  assert.deepEqual(byJob.get('queued'), summary('queued'));
  assert.deepEqual(byJob.get('running'), {
    ...summary('running'),
    running: true,
    startedAt: someTime,
  });
  assert.deepEqual(byJob.get('succeeded'), {
    ...summary('succeeded'),
    ...ended,
    status: 0,
    cached: true,
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
