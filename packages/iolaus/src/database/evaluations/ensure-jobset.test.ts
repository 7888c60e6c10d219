import assert from 'node:assert/strict';
import test from 'node:test';
import { ensureJobset } from './ensure-jobset.ts';
import type { JobsetPlace } from './ensure-jobset.ts';
import { testDatabase } from '../testing.ts';

test('a jobset is made once, with its project and an owner whom nobody can be', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const ensure = (place: JobsetPlace): Promise<number> =>
    database.transaction((transaction) => ensureJobset(transaction, place));
  const place = { project: 'files', jobset: 'home', description: '/home/farm.nix' };
  const first = await ensure(place);
  const other = await ensure({ ...place, jobset: 'other' });
  assert.notEqual(other, first);
  assert.equal(await ensure({ ...place, description: 'moved' }), first);
  assert.deepEqual(await database.query('select name, owner from projects'), [
    { name: 'files', owner: 'iolaus' },
  ]);
  assert.deepEqual(await database.query('select username, password from users'), [
    { username: 'iolaus', password: '!' },
  ]);
  // Hydra's own evaluator must leave them alone.
  assert.deepEqual(
    await database.query(
      'select name, description, enabled, checkinterval from jobsets order by id',
    ),
    [
      { name: 'home', description: 'moved', enabled: 0, checkinterval: 0 },
      { name: 'other', description: '/home/farm.nix', enabled: 0, checkinterval: 0 },
    ],
  );
});

test('several that start at once get the same jobset', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const place = { project: 'files', jobset: 'home', description: '' };
  const ids = await Promise.all(
    Array.from({ length: 6 }, () =>
      database.transaction((transaction) => ensureJobset(transaction, place)),
    ),
  );
  assert.equal(new Set(ids).size, 1);
});
