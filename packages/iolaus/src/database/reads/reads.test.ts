import assert from 'node:assert/strict';
import test from 'node:test';
import { listReadableBuilds } from '../api/list-builds.ts';
import { replaceBuildResults } from '../builds/replace-build-results.ts';
import { testDatabase } from '../testing.ts';
import { finish, finishedBuild, outputOf, queueBuild } from '../testing-farm.ts';
import { listMetrics } from './list-metrics.ts';
import { listOutputs } from './list-outputs.ts';
import { listProducts } from './list-products.ts';
import { readBuild } from './read-build.ts';

test('a build tells all of itself, and nothing of an earlier life', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const listed = { jobsets: [1], state: undefined, before: null, search: null, limit: 1 };
  const build = await queueBuild(database);
  await finish(database, [finishedBuild(build, { cached: true })]);
  const details = { description: 'The package hello', evaluation: 1, priority: 100 };
  const limits = { globalPriority: 0, timeoutSeconds: null, maxSilentSeconds: null };
  const [summary] = await listReadableBuilds(database, listed);
  assert.deepEqual(await readBuild(database, build), {
    ...summary,
    ...details,
    ...limits,
    size: 10,
    closureSize: 20,
    releaseName: 'release',
  });
  await database.query('update builds set finished = 0');
  const [again] = await listReadableBuilds(database, listed);
  assert.deepEqual(await readBuild(database, build), {
    ...again,
    ...details,
    ...limits,
    size: null,
    closureSize: null,
    releaseName: null,
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
    type: 'file',
    subtype: 'tarball',
    name: 'a.tgz',
    path: outputOf('hello/a.tgz'),
    defaultPath: '',
    fileSize: 2 ** 33,
    sha256: 'ab',
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
