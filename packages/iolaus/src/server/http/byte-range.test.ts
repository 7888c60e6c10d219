import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRange } from './byte-range.ts';

test('a range has its first and last byte, or begins or ends with the file', () => {
  assert.deepEqual(parseRange('bytes=0-0', 10), { start: 0, end: 0 });
  assert.deepEqual(parseRange('bytes=4-7', 10), { start: 4, end: 7 });
  assert.deepEqual(parseRange('bytes=4-', 10), { start: 4, end: 9 });
  assert.deepEqual(parseRange('bytes=-3', 10), { start: 7, end: 9 });
  assert.deepEqual(parseRange('bytes=-30', 10), { start: 0, end: 9 });
  assert.deepEqual(parseRange('bytes=4-700', 10), { start: 4, end: 9 });
});

test('what is not understood, and more than one range, means everything', () => {
  for (const header of [
    undefined,
    '',
    'bytes=-',
    'bytes=7-4',
    'bytes=a-b',
    'lines=1-2',
    'bytes=0-1,3-4',
  ]) {
    assert.equal(parseRange(header, 10), undefined, header);
  }
});

test('a range behind the end cannot be had', () => {
  for (const header of ['bytes=10-', 'bytes=99-100', 'bytes=-0']) {
    assert.equal(parseRange(header, 10), 'unsatisfiable', header);
  }
  assert.equal(parseRange('bytes=-5', 0), 'unsatisfiable');
});

test('whatever is asked for, nothing outside of the file is given', () => {
  const bound = fc.option(fc.nat(200), { nil: '' });
  fc.assert(
    fc.property(bound, bound, fc.nat(100), (first, last, size) => {
      const range = parseRange(`bytes=${first}-${last}`, size);
      if (range === undefined || range === 'unsatisfiable') return;
      assert.ok(range.start >= 0 && range.start <= range.end && range.end < size);
    }),
  );
});
