import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bodiesOf, foldLines } from './folding.ts';
import type { Fold } from './folding.ts';

const someFolds = fc
  .uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 12 })
  .map((ends) => ends.toSorted((a, b) => a - b))
  .map((ends) =>
    ends.flatMap((first, index): Fold[] => {
      const last = ends[index + 1];
      return index % 2 === 1 || last === undefined ? [] : [{ first: first + 1, last }];
    }),
  );

test('rows are the lines that are not folded away, in their order', () => {
  fc.assert(
    fc.property(someFolds, fc.integer({ min: 0, max: 80 }), (folds, lines) => {
      const seen = Array.from({ length: lines }, (_, index) => index + 1).filter(
        (line) => !folds.some(({ first, last }) => first <= line && line <= last),
      );
      const folding = foldLines(folds);
      assert.equal(folding.rowCount(lines), seen.length);
      seen.forEach((line, row) => {
        assert.equal(folding.lineAt(row), line);
        assert.equal(folding.rowOf(line), row);
      });
    }),
  );
});

test('a line that is folded away is found at the heading of its phase', () => {
  const [unpack] = bodiesOf([{ line: 3 }, { line: 10 }]);
  assert.deepEqual(unpack, { first: 4, last: 9 });
  assert.equal(foldLines([{ first: 4, last: 9 }]).rowOf(7), 2);
});

test('the last phase has all that will come', () => {
  const folding = foldLines(bodiesOf([{ line: 2 }]));
  assert.equal(folding.rowCount(1_000_000), 2);
});
