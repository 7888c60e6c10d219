import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Counts } from './counts.ts';
import { SmallSet } from './small-set.ts';

const command = fc.record({
  deed: fc.constantFrom('add', 'add', 'add', 'delete', 'clear'),
  member: fc.nat(70),
  count: fc.integer({ min: 1, max: 9 }),
});

test('a small set holds what a set would, in the same order', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 300, size: 'max' }), (commands) => {
      const small = new SmallSet<number>();
      const model = new Set<number>();
      for (const { deed, member } of commands) {
        if (deed === 'add') {
          small.add(member);
          model.add(member);
        } else if (deed === 'delete') assert.equal(small.delete(member), model.delete(member));
        else if (member === 0) {
          small.clear();
          model.clear();
        }
        assert.equal(small.size, model.size);
        assert.equal(small.has(member), model.has(member));
        assert.deepEqual([...small], [...model]);
      }
    }),
  );
});

test('counts are what a map would count', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const counts = new Counts<number>();
      const model = new Map<number, number>();
      for (const { deed, member, count } of commands) {
        if (deed === 'add') {
          counts.set(member, count);
          model.set(member, count);
        } else if (deed === 'delete') {
          counts.delete(member);
          model.delete(member);
        } else if (member === 0) {
          counts.clear();
          model.clear();
        }
        assert.equal(counts.size, model.size);
        assert.equal(counts.get(member), model.get(member));
        const found = new Map([...counts.keys()].map((key) => [key, counts.get(key)]));
        assert.deepEqual(found, model);
      }
    }),
  );
});
