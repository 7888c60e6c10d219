import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { layOutRows } from './row-layout.ts';
import type { RowPlace, Section } from './row-layout.ts';

const sections = fc.array(
  fc.record({
    key: fc.option(fc.string(), { nil: undefined }),
    steps: fc.integer({ min: 1, max: 6 }),
    isOpen: fc.boolean(),
  }),
);

/** The same, row by row. */
function* everyPlace(all: readonly Section[]): Generator<RowPlace> {
  for (const [section, { key, steps, isOpen }] of all.entries()) {
    if (key !== undefined) yield { type: 'heading', section };
    for (let offset = 0; offset < (isOpen ? steps : 0); offset++) {
      yield { type: 'step', section, offset };
    }
  }
}

test('every step of an open group has a row, and every row one place', () => {
  fc.assert(
    fc.property(sections, (all) => {
      const layout = layOutRows(all);
      const places = [...everyPlace(all)];
      assert.equal(layout.rows, places.length);
      assert.deepEqual(
        places.map((_, row) => layout.placeOf(row)),
        places,
      );
      assert.deepEqual([layout.placeOf(-1), layout.placeOf(places.length)], [undefined, undefined]);
    }),
  );
});
