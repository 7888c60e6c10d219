import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IndexedHeap } from './heap.ts';

type Item = { rank: number; readonly name: number };

const isBefore = (one: Item, other: Item) =>
  one.rank < other.rank || (one.rank === other.rank && one.name < other.name);
const inOrder = (items: Iterable<Item>) =>
  [...items].sort((one, other) => one.rank - other.rank || one.name - other.name);

test('an empty heap has no first item', () => {
  const heap = new IndexedHeap(isBefore);
  assert.equal(heap.first(), undefined);
  assert.equal(heap.size, 0);
  assert.equal(heap.remove({ rank: 1, name: 1 }), false);
  assert.deepEqual([...heap.inOrder()], []);
});

test('whatever is put, ranked anew and removed, the first is the first and the order is right', () => {
  const command = fc.record({
    name: fc.nat(15),
    rank: fc.nat(9),
    deed: fc.constantFrom('put', 'put', 'remove'),
  });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
      const heap = new IndexedHeap(isBefore);
      const known = new Map<number, Item>();
      for (const { name, rank, deed } of commands) {
        const item = known.get(name) ?? { rank, name };
        if (deed === 'put') {
          item.rank = rank;
          known.set(name, item);
          heap.put(item);
        } else {
          assert.equal(heap.remove(item), known.delete(name));
        }
        const expected = inOrder(known.values());
        assert.equal(heap.size, expected.length);
        assert.equal(heap.first(), expected[0]);
        assert.equal(heap.has(item), known.has(name));
        assert.deepEqual([...heap.inOrder()], expected);
      }
    }),
  );
});
