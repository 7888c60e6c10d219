import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ApiError } from './api-error.ts';
import { readId, readText } from './parameters.ts';

const refusedWith = (status: number) => (error: unknown) =>
  error instanceof ApiError && error.status === status && error.message.length > 20;

test('an id is a positive whole number that a row can have', () => {
  assert.equal(readId('1', 'build'), 1);
  assert.equal(readId('2147483647', 'build'), 2_147_483_647);
  for (const text of ['0', '-1', '01', '1.5', '1e3', 'x', '', '2147483648', '٣', undefined]) {
    assert.throws(() => readId(text, 'build'), refusedWith(404), text);
  }
});

test('whatever text comes as an id, it is read or refused, and never anything else', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        assert.equal(String(readId(text, 'build')), text);
      } catch (error) {
        assert.ok(refusedWith(404)(error));
      }
    }),
  );
});

test('a text that the database cannot hold, or that nobody typed, is refused', () => {
  assert.equal(readText({ search: '' }, 'search'), undefined);
  assert.throws(() => readText({ search: 'a\0b' }, 'search'), refusedWith(400));
  assert.throws(() => readText({ search: 'a'.repeat(201) }, 'search'), refusedWith(400));
});
