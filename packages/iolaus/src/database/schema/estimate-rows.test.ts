import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../testing.ts';
import { estimateRows } from './estimate-rows.ts';

test('rows are estimated where nobody has analysed the table: exactly where it is small, roughly where it is large', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await database.query('create table rows (number int4) with (autovacuum_enabled = false)');
  assert.equal(await estimateRows(database, 'rows'), 0);
  await database.query('insert into rows select generate_series(1, 1000)');
  assert.equal(await estimateRows(database, 'rows'), 1_000);
  await database.query('insert into rows select generate_series(1001, 500000)');
  const estimated = await estimateRows(database, 'rows');
  assert.ok(estimated > 350_000 && estimated < 650_000, String(estimated));
});
