import assert from 'node:assert/strict';
import test from 'node:test';
import type { BuildId } from '../../farm/identity.ts';
import { cancelBuilds } from './cancel-builds.ts';
import type { Database, Transaction } from '../connection/connection.ts';
import { finishBuilds } from './finish-builds.ts';
import type { FinishedBuild } from './finish-builds.ts';
import { insertBusySteps } from '../steps/insert-busy-steps.ts';
import { insertFinishedSteps } from '../steps/insert-finished-steps.ts';
import { readBuildReports } from './read-build-reports.ts';
import { forgetFailures, readFailedPaths, rememberFailures } from '../steps/failed-paths.ts';
import { readJobsets } from '../evaluations/read-jobsets.ts';
import { readUnfinishedBuilds, readUnfinishedPriorities } from './read-unfinished-builds.ts';
import { readWatchedBuilds } from './read-watched-builds.ts';
import { replaceBuildResults } from './replace-build-results.ts';
import type { BuildResults } from './replace-build-results.ts';
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

const ended = (build: BuildId, more: Partial<FinishedBuild> = {}): FinishedBuild => ({
  build,
  status: 0,
  startTime: someTime,
  stopTime: someTime + 60,
  cached: false,
  size: 2 ** 40,
  closureSize: 2 ** 41,
  releaseName: 'release-1',
  notifies: true,
  ...more,
});

const finish = (database: Database, builds: readonly FinishedBuild[]): Promise<BuildId[]> =>
  database.transaction((transaction) => finishBuilds(transaction, builds));

async function queueThree(database: Database): Promise<[BuildId, BuildId, BuildId]> {
  const [one, two, three] = await queueBuilds(database, ['one', 'two', 'three']);
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  return [one, two, three];
}

test('builds that nobody is told of have no notification pending', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [one, two] = await queueThree(database);
  await finish(database, [ended(one, { status: 3, notifies: false }), ended(two)]);
  const rows = await database.query(
    'select id from builds where finished = 1 and notificationpendingsince is null',
  );
  assert.deepEqual(rows, [{ id: one }]);
});

test('builds finish once, and whoever finishes them is told which', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [one, two, three] = await queueThree(database);
  assert.deepEqual(await finish(database, [ended(one)]), [one]);
  const changed = await finish(database, [
    ended(three, { status: 2, size: null, closureSize: null, releaseName: null }),
    ended(one, { status: 1 }),
  ]);
  assert.deepEqual(changed, [three]);
  assert.deepEqual(await finish(database, [ended(one), ended(three)]), []);
  const rows = await database.query(
    `select id, finished, buildstatus, starttime, stoptime, iscachedbuild, size, closuresize, releasename,
     notificationpendingsince from builds order by id`,
  );
  const done = {
    finished: 1,
    starttime: someTime,
    stoptime: someTime + 60,
    iscachedbuild: 0,
    notificationpendingsince: someTime + 60,
  };
  assert.deepEqual(rows, [
    {
      id: one,
      ...done,
      buildstatus: 0,
      size: 2 ** 40,
      closuresize: 2 ** 41,
      releasename: 'release-1',
    },
    {
      id: two,
      finished: 0,
      buildstatus: null,
      starttime: null,
      stoptime: null,
      size: null,
      iscachedbuild: null,
      closuresize: null,
      releasename: null,
      notificationpendingsince: null,
    },
    {
      id: three,
      ...done,
      buildstatus: 2,
      size: null,
      closuresize: null,
      releasename: null,
    },
  ]);
});

test('to finish builds nothing is read of those that wait', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const names = Array.from({ length: 300 }, (_, index) => `job${index}`);
  const some = (await queueBuilds(database, names)).slice(100, 110);
  await database.transaction(async (transaction) => {
    const before = await readSoFar(transaction);
    await finishBuilds(
      transaction,
      some.map((build) => ended(build)),
    );
    assert.equal((await readSoFar(transaction)) - before, 2 * some.length);
  });
});

/** How many rows of builds this connection has read; it is not told of others before the transaction ends. */
async function readSoFar(transaction: Transaction): Promise<number> {
  const [row] = await transaction.query<{ rows: number }>(
    `select (seq_tup_read + idx_tup_fetch)::int4 as rows from pg_stat_xact_user_tables where relname = 'builds'`,
  );
  return row?.rows ?? 0;
}

test('two that finish the same builds in different orders share them without a deadlock', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const builds = await queueBuilds(
    database,
    Array.from({ length: 50 }, (_, index) => `job${index}`),
  );
  const changed = await Promise.all([
    finish(
      database,
      builds.map((build) => ended(build)),
    ),
    finish(
      database,
      builds.toReversed().map((build) => ended(build)),
    ),
  ]);
  assert.deepEqual(
    changed.flat().toSorted((one, other) => one - other),
    builds,
  );
});

test('a build can finish while an evaluation that wants it is being recorded', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database);
  await database.transaction(async (transaction) => {
    await transaction.query('delete from jobsetevalmembers');
    await transaction.query('insert into jobsetevalmembers values (1, $1, 0)', [build]);
    assert.deepEqual(await finish(database, [ended(build)]), [build]);
  });
});

test('cancelling leaves finished builds alone', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [one, two] = await queueThree(database);
  await finish(database, [ended(one)]);
  await cancelBuilds(database, [one, two], someTime + 5);
  assert.deepEqual(
    await database.query(
      'select buildstatus, finished, stoptime from builds where id = any($1::int[]) order by id',
      [[one, two]],
    ),
    [
      { buildstatus: 0, finished: 1, stoptime: someTime + 60 },
      { buildstatus: 4, finished: 1, stoptime: someTime + 5 },
    ],
  );
  assert.deepEqual(await finish(database, [ended(two)]), []);
});

test('results replace those of an earlier life; metrics carry the names of their build', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database, 'hello');
  const other = await queueBuild(database, 'other');
  const product = {
    type: 'file',
    subtype: 'tarball',
    path: outputOf('hello/a.tgz'),
    name: 'a.tgz',
    defaultPath: '',
    fileSize: 2 ** 33,
    sha256: 'ab',
  };
  const replace = (results: readonly BuildResults[]): Promise<void> =>
    database.transaction((transaction) => replaceBuildResults(transaction, results));
  await replace([
    {
      build,
      outputs: new Map([['out', '/nix/store/old']]),
      products: [product, product, product],
      metrics: [
        { name: 'size', unit: 'bytes', value: 1 },
        { name: 'old', unit: null, value: 1 },
      ],
    },
    { build: other, outputs: new Map(), products: [product], metrics: [] },
  ]);
  await replace([
    {
      build,
      outputs: new Map([
        ['out', outputOf('hello')],
        ['dev', outputOf('hello-dev')],
      ]),
      products: [
        { ...product, name: 'b.tgz' },
        { ...product, fileSize: null, sha256: null },
      ],
      metrics: [{ name: 'size', unit: 'bytes', value: 0.5 }],
    },
  ]);
  assert.deepEqual(
    await database.query('select name, path from buildoutputs where build = $1 order by name', [
      build,
    ]),
    [
      { name: 'dev', path: outputOf('hello-dev') },
      { name: 'out', path: outputOf('hello') },
    ],
  );
  assert.deepEqual(
    await database.query(
      'select build, productnr, name, filesize, sha256hash from buildproducts order by build, productnr',
    ),
    [
      { build, productnr: 1, name: 'b.tgz', filesize: 2 ** 33, sha256hash: 'ab' },
      { build, productnr: 2, name: 'a.tgz', filesize: null, sha256hash: null },
      { build: other, productnr: 1, name: 'a.tgz', filesize: 2 ** 33, sha256hash: 'ab' },
    ],
  );
  assert.deepEqual(
    await database.query(
      'select name, unit, value, project, jobset, job, timestamp from buildmetrics',
    ),
    [
      {
        name: 'size',
        unit: 'bytes',
        value: 0.5,
        project: 'project',
        jobset: 'jobset',
        job: 'hello',
        timestamp: someTime,
      },
    ],
  );
});

test('what a builder sends fits into the indexes, whatever it is', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database, 'hello');
  // Nothing that could be made shorter by compression.
  const long = Array.from({ length: 1_500 }, (_, index) => String.fromCharCode(0x4e00 + index * 7));
  const name = long.join('');
  await database.transaction((transaction) =>
    replaceBuildResults(transaction, [
      {
        build,
        outputs: new Map(),
        products: [
          {
            type: name,
            subtype: name,
            path: outputOf('hello'),
            name,
            defaultPath: name,
            fileSize: null,
            sha256: null,
          },
        ],
        metrics: [
          { name, unit: name, value: 1 },
          { name, unit: null, value: 2 },
        ],
      },
    ]),
  );
  assert.deepEqual(await database.query('select type, subtype from buildproducts'), [
    { type: name.slice(0, 255), subtype: name },
  ]);
  assert.deepEqual(await database.query('select name, value from buildmetrics'), [
    { name: name.slice(0, 255), value: 2 },
  ]);
});

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
  await finish(database, [ended(one)]);
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
  await finish(database, [ended(two, { status: 1 })]);
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
    await finishBuilds(transaction, [ended(one), ended(two, { status: 2 })]);
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

test('a jobset has used what its steps took in the last day', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobset = await addJobset(database);
  const unused = await addJobset(database, 'project', 'unused');
  const [build] = await queueBuilds(database, ['one'], jobset);
  await database.query(
    `insert into buildsteps (build, stepnr, type, drvpath, busy, status, starttime, stoptime)
     select $1, number, 0, '/nix/store/x.drv', 0, 0, now - seconds, now
     from (values (1, 30, 0), (2, 12, 0), (3, 1000, 86401)) step (number, seconds, ago),
       lateral (select extract(epoch from now())::int4 - ago as now) time`,
    [build ?? null],
  );
  await database.query('update jobsets set schedulingshares = 7 where id = $1', [unused]);
  const rows = await readJobsets(database, [jobset, unused]);
  assert.deepEqual(
    rows.toSorted((first, second) => first.id - second.id),
    [
      { id: jobset, shares: 100, usedSeconds: 42 },
      { id: unused, shares: 7, usedSeconds: 0 },
    ],
  );
});

test('paths that failed before are known', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await database.query(`insert into failedpaths values ('/nix/store/a'), ('/nix/store/b')`);
  assert.deepEqual(
    await readFailedPaths(database, ['/nix/store/b', '/nix/store/c']),
    new Set(['/nix/store/b']),
  );
});

test('a failure that we remembered counts for its time, one that others did until it is forgotten', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const remember = (path: string, seconds: number): Promise<void> =>
    database.transaction(async (transaction) =>
      rememberFailures(transaction, [path], Math.floor(Date.now() / 1_000) + seconds),
    );
  const failed = async (): Promise<string[]> =>
    [...(await readFailedPaths(database, ['/a', '/b', '/c']))].toSorted();
  await database.query(`insert into failedpaths values ('/c')`);
  await remember('/a', 3_600);
  await remember('/b', -1);
  assert.deepEqual(await failed(), ['/a', '/c']);
  await remember('/b', 3_600);
  assert.deepEqual(await failed(), ['/a', '/b', '/c']);
  await database.query(`update iolaus.failedpaths set expires = 0 where path = '/b'`);
  await remember('/a', 7_200);
  assert.deepEqual(await database.query('select path from failedpaths order by path'), [
    { path: '/a' },
    { path: '/c' },
  ]);
  assert.equal(await forgetFailures(database, { type: 'of-paths', paths: ['/a', '/b'] }), 1);
  assert.equal(await forgetFailures(database, { type: 'all' }), 1);
  assert.deepEqual(await failed(), []);
});
