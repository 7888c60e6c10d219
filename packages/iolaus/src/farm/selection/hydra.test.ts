import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, graph, Scenario } from '../testing/scenario.ts';
import type { SelectionName } from './policy.ts';

/** `few` has the longest chain above it, `many` the most dependents, `old` the lowest build. */
function orderUnder(selection: SelectionName): string[] {
  const farm = new Scenario({ selection });
  const steps = graph({
    old: '',
    few: '',
    middle: 'few',
    top: 'middle',
    many: '',
    one: 'many',
    two: 'many',
    three: 'many',
  });
  farm.queue(
    ['old', 'one', 'two', 'three', 'top'].map((name, index) => build(index + 1, name)),
    steps,
  );
  return [...farm.farm.view.runnable(9)].map(({ derivation }) => derivation);
}

test('Legacy takes the oldest build first', () => {
  assert.deepEqual(orderUnder('Legacy'), ['old', 'many', 'few']);
});

test('WithRdeps takes the step with the most dependents first', () => {
  assert.deepEqual(orderUnder('WithRdeps'), ['many', 'few', 'old']);
});

test('WithCriticalPath takes the longest chain of steps first', () => {
  assert.deepEqual(orderUnder('WithCriticalPath'), ['few', 'many', 'old']);
});

test('a local priority decides before the lowest build, and after what the policy is named for', () => {
  const farm = new Scenario({ selection: 'WithRdeps' });
  const steps = graph({ a: '', b: '', c: '', d: 'c' });
  farm.queue(
    [build(1, 'a'), build(2, 'b', { localPriority: 200 }), build(3, 'd', { localPriority: 1 })],
    steps,
  );
  const order = [...farm.farm.view.runnable(9)].map(({ derivation }) => derivation);
  assert.deepEqual(order, ['c', 'b', 'a']);
});
