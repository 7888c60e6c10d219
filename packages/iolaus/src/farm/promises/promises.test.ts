import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declareEmergency } from '../emergencies/declare-emergency.ts';
import { dispatch } from '../queues/dispatch.ts';
import { makeWay } from '../emergencies/make-way.ts';
import { createFarmState } from '../farm-state.ts';
import type { FarmState } from '../farm-state.ts';
import { attemptNumber, buildId, builderId, instant } from '../identity.ts';
import { joinBuilder, noteHealth } from '../builders/membership.ts';
import { checkPromises } from './promises.ts';
import { queueBuilds } from '../graph/queue-builds.ts';
import type { Step } from '../graph/step.ts';
import {
  build,
  builderFacts,
  defaultSettings,
  derivation,
  graph,
  healthy,
} from '../testing/scenario.ts';

/** `app` waits for `lib`, which `ant` builds; `tool` waits for `ant`. */
function busyFarm(): FarmState {
  const farm = createFarmState(defaultSettings, attemptNumber(1));
  farm.now = instant(0);
  joinBuilder(farm, builderId('ant'), builderFacts('ant'));
  noteHealth(farm, builderId('ant'), healthy);
  queueBuilds(farm, [build(1, 'app'), build(2, 'tool')], graph({ app: 'lib', lib: '', tool: '' }));
  dispatch(farm);
  return farm;
}

function stepOf(farm: FarmState, name: string): Step {
  const step = farm.steps.get(derivation(name));
  if (step === undefined) throw new Error(`there is no step ${name}`);
  return step;
}

/** The first thing that is wrong after a deed that no event could do. */
function breachAfter(deed: (farm: FarmState) => void): string | undefined {
  const farm = busyFarm();
  assert.deepEqual(checkPromises(farm), []);
  deed(farm);
  return checkPromises(farm)[0];
}

test('a step that is lost is noticed', () => {
  const lose = (farm: FarmState) => farm.steps.delete(derivation('lib'));
  assert.equal(breachAfter(lose), 'lib is needed, but not known');
});

test('a step that stands nowhere is noticed', () => {
  const wake = (farm: FarmState) => {
    stepOf(farm, 'app').state = { type: 'runnable', since: instant(0) };
  };
  assert.equal(breachAfter(wake), 'app is runnable, but not in its place');
  const rest = (farm: FarmState) => {
    stepOf(farm, 'tool').state = { type: 'backing-off', until: instant(5) };
  };
  assert.equal(breachAfter(rest), 'tool is backing-off, but not in its place');
});

test('a step that is kept without need is noticed', () => {
  const forgetBuild = (farm: FarmState) => farm.builds.clear();
  assert.equal(breachAfter(forgetBuild), 'steps are kept that no build needs');
});

test('a second attempt at a step is noticed', () => {
  const copy = (farm: FarmState) => {
    const lease = farm.leases.get(attemptNumber(1));
    if (lease !== undefined)
      farm.leases.set(attemptNumber(0), { ...lease, attempt: attemptNumber(0) });
  };
  assert.equal(breachAfter(copy), 'lib has two live attempts');
});

test('an attempt by a builder that has left is noticed', () => {
  const vanish = (farm: FarmState) => farm.builders.clear();
  assert.equal(breachAfter(vanish), 'attempt 1 is not that of ant');
});

test('a number that would be given out twice is noticed', () => {
  const turnBack = (farm: FarmState) => {
    farm.nextAttempt = attemptNumber(1);
  };
  assert.equal(breachAfter(turnBack), 'attempt 1 will be given out again');
});

test('a builder with more than it takes is noticed', () => {
  const overload = (farm: FarmState) => {
    const ant = farm.builders.get(builderId('ant'));
    if (ant !== undefined)
      farm.builders.set(ant.id, { ...ant, facts: builderFacts('ant', { slots: 0 }) });
  };
  assert.equal(breachAfter(overload), 'attempt 1 is not that of ant');
});

test('work that waits for a builder that waits for work is noticed', () => {
  const farm = busyFarm();
  joinBuilder(farm, builderId('bee'), builderFacts('bee'));
  noteHealth(farm, builderId('bee'), healthy);
  assert.deepEqual(checkPromises(farm), ['steps wait in ["linux",[]] though bee has room']);
});

test('a time that nobody will look at is noticed', () => {
  const set = (farm: FarmState) => farm.deadlines.set(stepOf(farm, 'app'), instant(9));
  assert.equal(breachAfter(set), 'app is waiting, but not in its place');
  const pause = (farm: FarmState) => {
    for (const builder of farm.builders.values()) {
      builder.pausedUntil = instant(9);
      farm.deadlines.set(builder, instant(9));
    }
  };
  assert.equal(breachAfter(pause), 'nobody will come when something is due');
});

test('an emergency that waits for what it may stop is noticed', () => {
  const farm = busyFarm();
  queueBuilds(farm, [build(3, 'fix')], graph({ fix: '' }));
  const emergency = { subject: { type: 'build', build: buildId(3) }, preempts: true } as const;
  declareEmergency(farm, emergency);
  const waits = 'an emergency waits in ["linux",[]] for what ant could stop';
  assert.deepEqual(checkPromises(farm), [waits]);
  makeWay(farm, dispatch);
  assert.deepEqual(checkPromises(farm), []);
  farm.emergencies.clear();
  assert.deepEqual(checkPromises(farm), ['build 3 is not as urgent as it should be']);
});

test('a miscount is noticed', () => {
  const miscount = (farm: FarmState) => {
    farm.counts.waiting += 1;
  };
  assert.equal(breachAfter(miscount), 'steps that are waiting are miscounted');
  const misask = (farm: FarmState) => stepOf(farm, 'lib').demands.clear();
  assert.equal(breachAfter(misask), 'lib does not know on whose behalf it is built');
});
