import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddedIds } from './added-ids.ts';

test('a look begins after the highest id that was seen, or before the lowest that was named', async () => {
  const ids = new AddedIds();
  const look = (): Promise<number> => ids.look(async (afterId) => afterId);
  assert.equal(await look(), 0);
  ids.noteSeen(7);
  ids.noteSeen(5);
  assert.equal(await look(), 7);
  ids.noteAdded(4);
  ids.noteAdded(6);
  assert.equal(await look(), 3);
  assert.equal(await look(), 7);
  ids.forget(7);
  assert.equal(await look(), 6);
});

test('a look that fails is repeated from where it began', async () => {
  const ids = new AddedIds();
  ids.noteSeen(9);
  ids.noteAdded(4);
  const failing = ids.look(() => Promise.reject(new Error('the database is away')));
  await assert.rejects(failing, /away/);
  assert.equal(await ids.look(async (afterId) => afterId), 3);
});
