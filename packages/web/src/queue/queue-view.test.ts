import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { filterOfGroup, groupings, queueAddress, readQueueView } from './queue-view.ts';

const text = fc.string({ minLength: 1, unit: 'grapheme' });

test('a view of the queue is the same after its address was sent to a friend', () => {
  const view = fc.record({
    filter: fc.record(
      { search: text, project: text, jobset: text, system: text, state: text, reason: text },
      { requiredKeys: [], noNullPrototype: true },
    ),
    grouping: fc.constantFrom(undefined, ...groupings),
  });
  fc.assert(
    fc.property(view, (view) => {
      const { searchParams } = new URL(queueAddress(view), 'http://farm');
      assert.deepEqual(readQueueView(Object.fromEntries(searchParams)), { ...view });
    }),
  );
});

test('the steps of a group are found by what the group is called', () => {
  assert.deepEqual(filterOfGroup({ search: 'x' }, 'jobset', 'nixpkgs:trunk'), {
    search: 'x',
    project: 'nixpkgs',
    jobset: 'trunk',
  });
  assert.deepEqual(filterOfGroup({}, 'reason', 'inputs'), { reason: 'inputs' });
});
