import assert from 'node:assert/strict';
import test from 'node:test';
import { cancelBuilds } from './cancel-builds.ts';
import type { Transaction } from '../connection/connection.ts';
import { finishBuilds } from './finish-builds.ts';
import { replaceBuildResults } from './replace-build-results.ts';
import type { BuildResults } from './replace-build-results.ts';
import { testDatabase } from '../testing.ts';
import {
  finish,
  finishedBuild,
  outputOf,
  queueBuild,
  queueBuilds,
  queueThree,
  someTime,
} from '../testing-farm.ts';

test('builds that nobody is told of have no notification pending', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [one, two] = await queueThree(database);
  const silent = finishedBuild(one, { status: 3, notifies: false });
  await finish(database, [silent, finishedBuild(two)]);
  const rows = await database.query(
    'select id from builds where finished = 1 and notificationpendingsince is null',
  );
  assert.deepEqual(rows, [{ id: one }]);
});

test('builds finish once, and whoever finishes them is told which', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [one, two, three] = await queueThree(database);
  const large = { size: 2 ** 40, closureSize: 2 ** 41 };
  assert.deepEqual(await finish(database, [finishedBuild(one, large)]), [one]);
  const changed = await finish(database, [
    finishedBuild(three, { status: 2, size: null, closureSize: null, releaseName: null }),
    finishedBuild(one, { status: 1 }),
  ]);
  assert.deepEqual(changed, [three]);
  assert.deepEqual(await finish(database, [finishedBuild(one), finishedBuild(three)]), []);
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
      releasename: 'release',
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
      some.map((build) => finishedBuild(build)),
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
      builds.map((build) => finishedBuild(build)),
    ),
    finish(
      database,
      builds.toReversed().map((build) => finishedBuild(build)),
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
    assert.deepEqual(await finish(database, [finishedBuild(build)]), [build]);
  });
});

test('cancelling leaves finished builds alone', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [one, two] = await queueThree(database);
  await finish(database, [finishedBuild(one)]);
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
  assert.deepEqual(await finish(database, [finishedBuild(two)]), []);
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
