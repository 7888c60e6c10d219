import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldLines } from './folding.ts';
import { createLiveTail } from './live-tail.ts';
import { rowsOf, runsOfRows } from './log-rows.ts';

test('rows are asked for in as few runs of lines as there can be, and none behind the end', () => {
  const folding = foldLines([{ first: 4, last: 9 }]);
  assert.deepEqual(runsOfRows(folding, 1, 4, 100), [
    { from: 2, count: 2 },
    { from: 10, count: 2 },
  ]);
  assert.deepEqual(runsOfRows(folding, 1, 9, 11).at(-1), { from: 10, count: 2 });
});

test('a heading is known behind its colours, and stands open or folded', () => {
  const html = '<span class="ansi-bold">Running phase: buildPhase</span>';
  const rows = rowsOf(7, ['text', html, html], new Set([9]));
  assert.deepEqual(
    rows.map(({ line, heading }) => [line, heading]),
    [
      [7, undefined],
      [8, 'open'],
      [9, 'folded'],
    ],
  );
});

test('of what comes live the last lines are kept', () => {
  const tail = createLiveTail(101);
  assert.equal(tail.read(101, 1), undefined);
  for (let line = 101; line <= 30_000; line += 1) tail.push([`line ${line}`]);
  assert.equal(tail.next, 30_001);
  assert.deepEqual(tail.read(29_999, 9), ['line 29999', 'line 30000']);
  assert.equal(tail.read(101, 1), undefined);
  assert.equal(tail.read(30_001, 1), undefined);
});
