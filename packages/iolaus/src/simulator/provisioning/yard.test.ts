import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../random.ts';
import { makeGraph } from '../replay/make-graph.ts';
import { makeTrial } from '../replay/make-trial.ts';
import { fixedRule, oldRule, ourRule } from './rules.ts';
import { Yard } from './yard.ts';
import type { Rule, YardResult } from './yard.ts';

const limits = { max: 6, slots: 2, systems: ['x86_64-linux'] };
const facts = {
  systems: limits.systems,
  supportedFeatures: ['big-parallel'],
  mandatoryFeatures: [],
  slots: limits.slots,
  ahead: 0,
  speedFactor: 1,
  cpuCount: 2,
  bogomips: 1,
  buildDirectoryThreshold: 0,
  storeThreshold: 0,
};
const settings = {
  maxTries: 5,
  retryIntervalSeconds: 60,
  retryBackoff: 3,
  maxUnsupportedSeconds: 86_400,
  maxSilentSeconds: 3600,
  timeoutSeconds: 36_000,
  selection: 'TwoLevel' as const,
};

function play(rule: Rule): YardResult {
  const random = seededRandom(5);
  const graph = makeGraph(200, random.branch('graph'));
  const options = { later: 4, pause: 3_600, medianSeconds: 30 };
  const workload = makeTrial(graph, options, random.branch('day'));
  const boot = { least: 60, most: 150, failures: 10 };
  const yard = new Yard(workload, { settings, facts, boot, hours: 8, random: seededRandom(5) });
  return yard.run(rule);
}

test('in a made-up day our rule builds everything with fewer machine-hours than the old one, and not later', () => {
  const ours = play(ourRule(limits, { features: ['big-parallel'], finishWithin: '15m' }));
  const old = play(oldRule(limits));
  const fixed = play(fixedRule(limits));
  assert.ok(ours.machineHours < old.machineHours, `${ours.machineHours} and ${old.machineHours}`);
  assert.ok(old.machineHours < fixed.machineHours);
  assert.ok(ours.leastMachineHours < ours.machineHours);
  assert.ok(ours.finishSeconds <= old.finishSeconds);
  assert.ok(fixed.finishSeconds <= ours.finishSeconds);
  assert.ok(ours.most <= limits.max);
});

test('the same seed is the same day', () => {
  const rule = (): Rule => ourRule(limits, { features: ['big-parallel'] });
  assert.deepEqual(play(rule()), play(rule()));
});
