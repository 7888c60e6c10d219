import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttemptUse } from '../facts.ts';
import { build, resultOf, Scenario, step, times } from '../testing/scenario.ts';
import type { PackageNeeds } from './package-needs.ts';

const machine = { slots: 4, cpuCount: 64, memoryBytes: 14e9 };

/** Builds one step of a package that takes a second, and tells what is to be remembered of it. */
function learnedFrom(use: AttemptUse): readonly PackageNeeds[] {
  const farm = new Scenario();
  farm.join('ant', machine);
  farm.queue(build(1, 'heavy-1'), [step('heavy-1')]);
  farm.seconds += 3600;
  const attempt = farm.attempt('heavy-1');
  const result = resultOf(step('heavy-1'));
  const second = { ...times, buildMilliseconds: 1_000 };
  farm.apply({ type: 'attempt-succeeded', attempt, result, times: second, use });
  return farm.needs;
}

/** How many steps of the package a fresh farm puts onto the machine at once. */
function takenAtOnce(needs: readonly PackageNeeds[]): number {
  const farm = new Scenario();
  farm.apply({ type: 'history-told', uses: [], needs });
  farm.join('ant', machine);
  const steps = ['heavy-2', 'heavy-3', 'heavy-4', 'heavy-5'].map((name) => step(name));
  farm.queue(
    steps.map(({ derivation }, index) => build(index + 1, derivation)),
    steps,
  );
  return farm.farm.view.counts().leased;
}

test('memory that a build was seen to need is kept free for the next one, also by the next farm', () => {
  const needs = learnedFrom({ cpuMilliseconds: null, peakMemoryBytes: 13e9 });
  assert.equal(needs.length, 1);
  assert.ok(takenAtOnce(needs) < 4);
  assert.equal(takenAtOnce(learnedFrom({ cpuMilliseconds: null, peakMemoryBytes: 1e6 })), 4);
});

test('cores are processor time over build time, and are kept free too', () => {
  const needs = learnedFrom({ cpuMilliseconds: 60_000, peakMemoryBytes: null });
  assert.ok(takenAtOnce(needs) < 4);
  assert.equal(needs[0]?.memory, null);
});

test('nothing is remembered where nobody measured', () => {
  assert.deepEqual(learnedFrom({ cpuMilliseconds: null, peakMemoryBytes: null }), []);
});
