import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printTable } from './table.ts';

test('columns line up, and no line ends in spaces', () => {
  assert.equal(
    printTable([
      ['STATUS', 'NAME', 'TIME'],
      ['ok', 'a longer name', ''],
    ]),
    'STATUS  NAME           TIME\nok      a longer name',
  );
});
