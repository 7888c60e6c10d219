import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, graph, Scenario } from '../testing/scenario.ts';

test('what is needed is told by kind of builder: what can start, and what waits behind it', () => {
  const farm = new Scenario({ selection: 'TwoLevel' });
  const steps = graph({ lower: '', middle: 'lower', upper: 'middle', other: '' });
  farm.seconds = 7;
  farm.queue([build(1, 'upper'), build(2, 'other')], steps);
  farm.pass(3);
  const [need, ...others] = farm.farm.survey.needs();
  assert.deepEqual(others, []);
  assert.equal(need?.system, 'linux');
  assert.deepEqual([need.runnable, need.behind, need.waitingSince], [2, 2, 7_000]);
  const each = need.seconds / 2;
  assert.ok(Math.abs(need.behindSeconds - 2 * each) < 1e-6);
  assert.ok(Math.abs(need.criticalPathSeconds - 3 * each) < 1e-6);
});

test('what a builder has is its work, not a need', () => {
  const farm = new Scenario();
  farm.join('ares', { slots: 1, speedFactor: 2 });
  const steps = graph({ lower: '', upper: 'lower' });
  farm.queue([build(1, 'upper')], steps);
  const [need] = farm.farm.survey.needs();
  assert.deepEqual([need?.runnable, need?.behind, need?.waitingSince], [0, 1, null]);
  const [before = 0] = farm.farm.survey.work().values();
  assert.ok(before > 5);
  farm.pass(5);
  const [after = 0] = farm.farm.survey.work().values();
  assert.ok(Math.abs(before - after - 5) < 1e-6);
});
