import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SelectionName } from '../../farm/selection/policy.ts';
import { selectionNames } from '../../farm/selection/policy.ts';
import { seededRandom } from '../random.ts';
import { lowerBound } from './bounds.ts';
import { drawChart } from './chart.ts';
import { builderFactsOf } from './machine.ts';
import type { Machine } from './machine.ts';
import { machinesNeeded } from './machines-needed.ts';
import { makeGraph } from './make-graph.ts';
import { makeTrial } from './make-trial.ts';
import { oracleMakespan } from './oracle.ts';
import { Replay } from './replay.ts';
import { pathOf } from './workload.ts';
import type { Workload } from './workload.ts';

const settings = {
  maxTries: 1,
  retryIntervalSeconds: 0,
  retryBackoff: 1,
  maxUnsupportedSeconds: 1,
  maxSilentSeconds: 1,
  timeoutSeconds: 1,
};

function machines(count: number, speedFactor = 1): Machine[] {
  return [
    {
      name: 'm',
      count,
      slots: 1,
      speedFactor,
      cores: 1,
      systems: ['x86_64-linux'],
      features: ['big-parallel'],
      mandatoryFeatures: [],
    },
  ];
}

/** Steps of so many seconds, each after the ones it names; all asked for at once. */
function work(...steps: readonly (readonly [number, ...number[]])[]): Workload {
  return {
    steps: steps.map(([seconds, ...inputs], place) => ({
      derivation: pathOf(place, `p${place}`),
      system: 'x86_64-linux',
      requiredFeatures: [],
      seconds,
      inputs,
    })),
    evaluations: [{ at: 0, jobset: 1, builds: [...steps.keys()] }],
  };
}

const run = (workload: Workload, list: readonly Machine[], selection: SelectionName = 'TwoLevel') =>
  new Replay(workload, builderFactsOf(list), { settings: { ...settings, selection } }).run();

const trial = (seed: number): Workload => {
  const random = seededRandom(seed);
  const options = { later: 4, pause: 1800, medianSeconds: 60 };
  return makeTrial(makeGraph(400, random.branch('graph')), options, random.branch('trial'));
};

test('a chain takes as long as its steps, on faster machines less', () => {
  const chain = work([10], [20, 0], [30, 1]);
  assert.equal(run(chain, machines(5)).makespan, 60);
  assert.equal(run(chain, machines(1, 2)).makespan, 30);
});

test('work is shared among machines, and its account is right', () => {
  const result = run(work([10], [10], [10], [10]), machines(2));
  assert.equal(result.makespan, 20);
  assert.equal(result.lowerBound, 20);
  assert.equal(result.utilisation.get('x86_64-linux'), 1);
  assert.equal(result.longestWait, 10);
  assert.equal(result.worstSlowdown, 1);
});

test('an evaluation that comes later waits for what is shared, and is charged from when it came', () => {
  const workload = {
    ...work([100], [10, 0]),
    evaluations: [
      { at: 0, jobset: 1, builds: [0] },
      { at: 40, jobset: 1, builds: [1] },
    ],
  };
  const { evaluations } = run(workload, machines(1));
  assert.deepEqual(
    evaluations.map(({ at, doneAt, ideal }) => ({ at, doneAt, ideal })),
    [
      { at: 0, doneAt: 100, ideal: 100 },
      { at: 40, doneAt: 110, ideal: 70 },
    ],
  );
});

test('every policy builds everything once, and none is quicker than the bound', () => {
  const workload = trial(3);
  for (const name of selectionNames) {
    const result = run(workload, machines(6), name);
    assert.equal(result.steps, new Set(result.runs.map(({ place }) => place)).size);
    assert.ok(result.makespan >= result.lowerBound - 1e-6, name);
    for (const { place, start } of result.runs) {
      for (const input of workload.steps[place]?.inputs ?? []) {
        const before = result.runs.find((other) => other.place === input);
        assert.ok(before !== undefined && before.end <= start + 1e-6);
      }
    }
  }
});

test('the same trace gives the same replay', () => {
  assert.deepEqual(run(trial(7), machines(4)), run(trial(7), machines(4)));
});

test('the oracle is no quicker than the bound, and no slower than a chain of its own making', () => {
  const workload = trial(5);
  const bound = lowerBound(workload, builderFactsOf(machines(8)));
  assert.ok(oracleMakespan(workload, 8) >= bound - 1e-6);
  assert.equal(oracleMakespan(work([5], [5], [20]), 2), 20);
});

test('the number of machines that is needed is the least one that is enough', () => {
  const eight = work(...Array.from({ length: 8 }, (): [number] => [60]));
  const replay = (list: readonly Machine[]): number => run(eight, list).makespan;
  const need = machinesNeeded(eight, machines(1), 120, replay);
  assert.equal(need.type === 'machines' ? need.machines[0]?.count : 0, 4);
  assert.equal(machinesNeeded(eight, machines(1), 59, replay).type, 'impossible');
});

test('a chart is a page of its own, and says nothing that it is not told to', () => {
  const page = drawChart('<trace>', builderFactsOf(machines(2)), [
    { policy: 'TwoLevel', result: run(trial(2), machines(2)) },
  ]);
  assert.match(page, /^<!doctype html>/);
  assert.match(page, /&lt;trace&gt;/);
  assert.doesNotMatch(page, /<script|https?:|NaN|Infinity/);
});
