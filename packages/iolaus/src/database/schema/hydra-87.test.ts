import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { testDatabase } from '../testing.ts';
import { listSchema } from './testing/list-schema.ts';

test('the schema has the tables, columns, keys, indexes, checks, triggers and rules that Hydra has', async () => {
  await using made = await testDatabase();
  const expected = await readFile(new URL('hydra-87.listing.txt', import.meta.url), 'utf8');
  const found = await listSchema(made.database);
  assert.equal(found.split('\n\n').length, 36);
  assert.deepEqual(found.split('\n'), expected.split('\n'));
});
