import assert from 'node:assert/strict';
import test from 'node:test';
import { ensureJobset } from './ensure-jobset.ts';
import type { JobsetPlace } from './ensure-jobset.ts';
import { readJobsets } from './read-jobsets.ts';
import { testDatabase } from '../testing.ts';
import { addJobset, queueBuilds } from '../testing-farm.ts';

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
