import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeWorkloads } from './merge-workloads.ts';
import { pathOf } from './workload.ts';
import type { Workload } from './workload.ts';

const chain = (at: number): Workload => ({
  steps: [0, 1].map((place) => ({
    derivation: pathOf(place, `step-${place}`),
    system: 'x86_64-linux',
    seconds: 1,
    requiredFeatures: [],
    inputs: place === 0 ? [] : [0],
  })),
  evaluations: [{ at, jobset: 1, builds: [1] }],
});

test('two workloads in one keep their steps apart, and their evaluations come in the order of time', () => {
  const { steps, evaluations } = mergeWorkloads(chain(5), chain(2));
  assert.equal(new Set(steps.map(({ derivation }) => derivation)).size, 4);
  assert.deepEqual(
    steps.map(({ inputs }) => inputs),
    [[], [0], [], [2]],
  );
  assert.deepEqual(evaluations, [
    { at: 2, jobset: 2, builds: [3] },
    { at: 5, jobset: 1, builds: [1] },
  ]);
});
