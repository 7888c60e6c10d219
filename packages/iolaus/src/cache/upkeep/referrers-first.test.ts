import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { referrersFirst } from './referrers-first.ts';

test('each comes once, and before all that it refers to', () => {
  const graph = fc.array(fc.array(fc.nat(40), { maxLength: 4 }), { maxLength: 40 });
  fc.assert(
    fc.property(graph, (edges) => {
      const references = new Map(
        edges.map((to, from) => [
          `${from}`,
          // Itself, what comes later, and what is none of these.
          [...to.filter((other) => other >= from).map(String), 'elsewhere'],
        ]),
      );
      const generations = referrersFirst(references);
      assert.deepEqual(generations.flat().sort(), [...references.keys()].sort());
      const place = new Map(generations.flatMap((keys, index) => keys.map((key) => [key, index])));
      for (const [key, others] of references)
        for (const other of others)
          if (other !== key && place.has(other))
            assert.ok((place.get(key) ?? 0) < (place.get(other) ?? 0), `${key} ${other}`);
    }),
  );
});

test('what refers to itself in a ring goes all the same', () => {
  const references = new Map([
    ['one', ['two']],
    ['two', ['one', 'three']],
    ['three', []],
  ]);
  assert.deepEqual(referrersFirst(references), [['one', 'two', 'three']]);
});
