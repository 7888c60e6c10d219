import assert from 'node:assert/strict';
import test from 'node:test';
import { forgetFailures, readFailedPaths, rememberFailures } from './failed-paths.ts';
import { testDatabase } from '../testing.ts';

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
