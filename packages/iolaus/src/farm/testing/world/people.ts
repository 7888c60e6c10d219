import { build, resultOf } from '../scenario.ts';
import { buildId, evaluationId, instant, jobsetId } from '../../identity.ts';
import type { RetryPlan } from '../../attempts/retry-plan.ts';
import { capacityRules, machineOrders } from '../../placement/policy.ts';
import { selectionNames } from '../../selection/policy.ts';
import { nonsense } from '../nonsense.ts';
import { pick } from '../universe.ts';
import type { Stage } from './stage.ts';

// What people want of the farm, and those who run it.

export function queueBuilds(stage: Stage): void {
  const facts = Array.from({ length: 1 + stage.dice(2) }, () => {
    stage.builds += 1;
    return build(stage.builds, pick(stage.universe.all, stage.dice(1000)).derivation, {
      jobset: jobsetId(1 + stage.dice(3)),
      evaluation: stage.dice(2) === 0 ? null : evaluationId(stage.dice(4)),
      globalPriority: stage.dice(2) * stage.dice(3),
      localPriority: 100 + stage.dice(2),
      maxSilentSeconds: stage.dice(2) === 0 ? null : stage.dice(100),
    });
  });
  const isThere = ({ derivation }: { readonly derivation: string }) =>
    stage.universe.built.has(derivation);
  for (const found of facts.filter(isThere)) {
    const result = resultOf(stage.universe.factsOf(found.derivation));
    stage.observer.apply({ type: 'build-found-built', build: found, result });
  }
  const builds = facts.filter((wanted) => !isThere(wanted));
  const steps = stage.universe
    .unfinishedBelow(builds.map(({ derivation }) => derivation))
    .map((facts) => (stage.dice(6) === 0 ? { ...facts, retryPlan: makePlan(stage) } : facts));
  stage.observer.apply({ type: 'builds-queued', builds, steps });
}

function makePlan(stage: Stage): RetryPlan {
  const restsUntil = instant(stage.observer.now + stage.dice(2) * stage.dice(200_000));
  return { tries: stage.dice(2), losses: stage.dice(3), restsUntil };
}

export function withdrawBuild(stage: Stage): void {
  const builds = [...stage.observer.unfinished.keys()];
  const id = builds[stage.dice(Math.max(builds.length, 1))];
  if (id !== undefined) stage.observer.apply({ type: 'build-withdrawn', build: id });
}

export function bumpBuild(stage: Stage): void {
  const id = buildId(stage.dice(stage.builds + 1));
  const globalPriority = stage.dice(4);
  stage.observer.apply({ type: 'build-reprioritised', build: id, globalPriority });
}

export function declareEmergency(stage: Stage): void {
  const subject = { type: 'evaluation', evaluation: evaluationId(stage.dice(4)) } as const;
  if (stage.dice(3) === 0) stage.observer.apply({ type: 'emergency-ended', subject });
  else {
    const emergency = { subject, preempts: stage.dice(2) === 0 };
    stage.observer.apply({ type: 'emergency-declared', emergency });
  }
}

/** As if an earlier farm had been told. */
export function rememberOrders(stage: Stage): void {
  const subject = { type: 'evaluation', evaluation: evaluationId(stage.dice(6)) } as const;
  const emergencies = [{ subject, preempts: stage.dice(2) === 0 }];
  const holds = new Map([[`host-${stage.dice(5)}`, 'paused' as const]]);
  stage.observer.apply({ type: 'orders-remembered', orders: { emergencies, holds } });
  if (stage.dice(2) === 0) stage.observer.apply({ type: 'queue-read' });
}

export function holdHost(stage: Stage): void {
  const hostname = `host-${stage.dice(5)}`;
  const choice = stage.dice(3);
  if (choice === 0) stage.observer.apply({ type: 'host-released', hostname });
  else if (choice === 1) stage.observer.apply({ type: 'host-pardoned', hostname });
  else {
    const hold = stage.dice(2) === 0 ? 'paused' : 'draining';
    stage.observer.apply({ type: 'host-held', hostname, hold, lasts: stage.dice(2) === 0 });
  }
}

export function changeSettings(stage: Stage): void {
  const jobset = jobsetId(1 + stage.dice(3));
  const shares = 1 + stage.dice(100);
  stage.observer.apply({ type: 'jobset-seen', jobset, shares, usedSeconds: stage.dice(1000) });
  const selection = pick(selectionNames, stage.dice(4));
  const machineOrder = pick(machineOrders, stage.dice(4));
  // Without a limit of jobs there would be nothing to hold the farm to.
  const capacity = pick(
    capacityRules.filter((rule) => rule !== 'Dynamic'),
    stage.dice(3),
  );
  const placement = { machineOrder, capacity };
  const settings = { ...stage.settings, selection, ...placement, maxTries: 1 + stage.dice(5) };
  stage.observer.apply({ type: 'settings-changed', settings });
}

export function talkNonsense(stage: Stage): void {
  const facts = pick(stage.universe.all, stage.dice(1000));
  stage.observer.applyNonsense(pick(nonsense(facts), stage.dice(100)));
}
