import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../random.ts';
import { makeGraph } from './make-graph.ts';
import { makeTrial } from './make-trial.ts';
import { Replay } from './replay.ts';
import { turnaroundFloor } from './turnaround-floor.ts';
import { pathOf } from './workload.ts';
import type { Workload } from './workload.ts';
import { builderFactsOf } from './machine.ts';
import { defaultSettings } from '../../farm/testing/scenario.ts';

function workload(
  steps: readonly { readonly seconds: number; readonly inputs?: readonly number[] }[],
  evaluations: readonly { readonly at: number; readonly builds: readonly number[] }[],
): Workload {
  return {
    steps: steps.map(({ seconds, inputs = [] }, place) => ({
      derivation: pathOf(place, 'step'),
      system: 'linux',
      requiredFeatures: [],
      seconds,
      inputs,
    })),
    evaluations: evaluations.map((evaluation) => ({ ...evaluation, jobset: 1 })),
  };
}

test('alone, an evaluation takes its longest chain or its work, whichever is more', () => {
  const chain = [{ seconds: 10 }, { seconds: 20, inputs: [0] }, { seconds: 3 }];
  const asked = [{ at: 5, builds: [1, 2] }];
  assert.equal(turnaroundFloor(workload(chain, asked), 2), 30);
  assert.equal(turnaroundFloor(workload(chain, asked), 1), 33);
});

test('of two evaluations on one slot the shorter one goes first', () => {
  const steps = [{ seconds: 100 }, { seconds: 10 }];
  const asked = [
    { at: 0, builds: [0] },
    { at: 0, builds: [1] },
  ];
  assert.equal(turnaroundFloor(workload(steps, asked), 1), (10 + 110) / 2);
});

test('no policy goes below it', () => {
  const random = seededRandom(7);
  const graph = makeGraph(600, random.branch('graph'));
  const options = { later: 4, pause: 600, medianSeconds: 60 };
  const trial = makeTrial(graph, options, random.branch('trial'));
  const slots = 8;
  const kinds = { systems: ['x86_64-linux'], features: ['big-parallel'], mandatoryFeatures: [] };
  const builders = builderFactsOf([
    { ...kinds, name: 'machine', count: slots, slots: 1, speedFactor: 1, cores: 1 },
  ]);
  const floor = turnaroundFloor(trial, slots);
  for (const selection of ['TwoLevel', 'WithCriticalPath'] as const) {
    const settings = { ...defaultSettings, selection };
    const { meanTurnaround } = new Replay(trial, builders, { settings }).run();
    assert.ok(floor <= meanTurnaround, `${selection}: ${meanTurnaround} is below ${floor}`);
    assert.ok(floor > meanTurnaround / 3);
  }
});
