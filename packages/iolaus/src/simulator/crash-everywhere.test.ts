import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashEverywhere } from './crash-everywhere.ts';
import type { BuilderPlan, Deed, NodePlan, Plan } from './plan.ts';

const node: NodePlan = {
  inputs: [],
  system: 'x86_64-linux',
  features: [],
  outputs: ['out'],
  fate: 'succeeds',
  milliseconds: 5_000,
};

const builder: BuilderPlan = {
  hostname: 'builder-0',
  systems: ['x86_64-linux'],
  features: [],
  slots: 2,
  slowness: 1,
  speaks: 'our-dialect',
  sharesStore: false,
  remembers: true,
  joinsAt: 0,
  vice: 'none',
};

const forgetful: BuilderPlan = { ...builder, remembers: false };
const modern: BuilderPlan = { ...builder, features: ['ca-derivations'] };
const hydras: BuilderPlan = { ...forgetful, speaks: "hydra's-dialect" };

const evaluate = (...nodes: readonly number[]): Deed => ({
  type: 'evaluate',
  at: 50,
  jobset: 1,
  nodes,
});

function makePlan(parts: Partial<Plan>): Plan {
  return {
    seed: 1,
    nodes: [node],
    jobsets: [{ id: 1, shares: 100 }],
    builders: [builder],
    deeds: [evaluate(0)],
    troubles: [],
    caches: [],
    settings: {
      stepSortFn: 'WithRdeps',
      machineSortFn: 'BestFit',
      machineFreeFn: 'Predicted',
      maxTries: 3,
      retryIntervalSeconds: 2,
      retryBackoff: 2,
      maxUnsupportedSeconds: 600,
      failedPathsTtlSeconds: 0,
    },
    calmAt: 60_000,
    ...parts,
  };
}

const needing: NodePlan = { ...node, inputs: [0], milliseconds: 1_000 };

const paths: Readonly<Record<string, Plan>> = {
  'finishes a step': makePlan({}),
  'finishes a step, whose builder forgets it': makePlan({ builders: [forgetful] }),
  "finishes a step on Hydra's builder": makePlan({ builders: [hydras] }),
  'takes in two outputs of a builder that forgets them': makePlan({
    nodes: [{ ...node, outputs: ['out', 'dev'] }],
    builders: [forgetful],
  }),
  "takes in two outputs of Hydra's builder": makePlan({
    nodes: [{ ...node, outputs: ['out', 'dev'] }],
    builders: [hydras],
  }),
  'finishes a step in a store that it shares with its builder': makePlan({
    builders: [{ ...builder, sharesStore: true }],
  }),
  'finishes a step that two builds want': makePlan({ deeds: [evaluate(0), evaluate(0)] }),
  'finishes a step and what needs it': makePlan({
    nodes: [node, needing],
    deeds: [evaluate(1)],
  }),
  'resolves a step': makePlan({
    nodes: [
      { ...node, floats: true },
      { ...needing, floats: true },
    ],
    deeds: [evaluate(1)],
    builders: [modern],
  }),
  'resolves a step that two builds want, and fails it': makePlan({
    nodes: [node, { ...needing, floats: true, fate: 'fails' }],
    deeds: [evaluate(1), evaluate(1)],
    builders: [modern],
  }),
  'publishes what it has built': makePlan({
    nodes: [{ ...node, outputs: ['out', 'dev'] }],
    caches: ['cache', 'mirror'],
  }),
  'finds built what a step was resolved to': makePlan({
    nodes: [
      { ...node, floats: true },
      { ...needing, floats: true },
    ],
    deeds: [evaluate(1), { ...evaluate(1), at: 12_000 }],
    builders: [modern],
  }),
  'fails a step': makePlan({ nodes: [{ ...node, fate: 'fails' }] }),
  'fails a step and what needs it': makePlan({
    nodes: [{ ...node, fate: 'fails' }, needing],
    deeds: [evaluate(0, 1)],
  }),
  'finds a build built': makePlan({
    deeds: [evaluate(0), { ...evaluate(0), at: 8_000 }],
  }),
  'cancels a build': makePlan({
    nodes: [{ ...node, milliseconds: 20_000 }],
    deeds: [evaluate(0), { type: 'cancel', at: 3_000, build: 0 }],
  }),
  'gives up one of two builds': makePlan({
    nodes: [node, needing],
    deeds: [evaluate(0, 1), { type: 'cancel', at: 3_000, build: 1 }],
  }),
  'forgets a build that is deleted': makePlan({
    nodes: [{ ...node, milliseconds: 20_000 }],
    deeds: [evaluate(0, 0), { type: 'delete', at: 3_000, build: 1 }],
  }),
  'builds again what is restarted': makePlan({
    nodes: [{ ...node, fate: 'fails', milliseconds: 1_000 }],
    deeds: [evaluate(0), { type: 'restart', at: 8_000, build: 0 }],
  }),
  'loses a builder and gets it back': makePlan({
    troubles: [{ type: 'tunnels-cut', at: 2_000 }],
  }),
};

for (const [path, plan] of Object.entries(paths)) {
  test(`a runner that ${path} comes to the same end wherever it is killed`, async () => {
    const { whole, crashes } = await crashEverywhere(plan);
    assert.deepEqual(whole.breaches, []);
    assert.ok(crashes.length > 20, `it has ${crashes.length} effects only`);
    for (const { effect, history } of crashes) {
      const told = `killed before effect ${effect}:\n${history.lines.join('\n')}`;
      assert.deepEqual(history.breaches, [], told);
      assert.deepEqual(history.statuses, whole.statuses, told);
    }
  });
}
