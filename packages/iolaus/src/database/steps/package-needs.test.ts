import assert from 'node:assert/strict';
import test from 'node:test';
import { testDatabase } from '../testing.ts';
import { readPackageNeeds, savePackageNeeds } from './package-needs.ts';

test('what packages need is read as it was saved last', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const cores = { weight: 1.5, mean: -0.25, variance: 0 };
  const memory = { weight: 3, mean: 20.5, variance: 1e-3 };
  const first = { package: 'gcc', system: 'linux', cores, memory: null };
  const other = { package: 'gcc', system: 'darwin', cores: null, memory };
  const later = { ...first, memory };
  await database.transaction(async (transaction) => {
    await savePackageNeeds(transaction, [first, other]);
    await savePackageNeeds(transaction, [later]);
  });
  const read = await readPackageNeeds(database);
  const inOrder = read.toSorted((one, next) => (one.system < next.system ? -1 : 1));
  assert.deepEqual(inOrder, [other, later]);
});
