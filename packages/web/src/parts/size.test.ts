import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSize } from './size.ts';

test('a size is told in three digits or so, in the unit that fits', () => {
  assert.deepEqual([0, 999, 1024, 1_500_000, 240_000_000, 5e9, 3e15].map(formatSize), [
    '0 B',
    '999 B',
    '1.0 KiB',
    '1.4 MiB',
    '229 MiB',
    '4.7 GiB',
    '2728 TiB',
  ]);
});
