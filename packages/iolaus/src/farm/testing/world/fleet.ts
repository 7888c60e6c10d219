import { builderId, instant } from '../../identity.ts';
import type { BuilderId } from '../../identity.ts';
import { builderFacts, healthy } from '../scenario.ts';
import { featureSets, pick, systems } from '../universe.ts';
import type { Stage } from './stage.ts';

// Builders that come, go, and come back as others.

export function joinBuilder(stage: Stage): void {
  stage.builders += 1;
  const facts = builderFacts(`host-${stage.dice(5)}`, {
    systems: stage.dice(3) === 0 ? ['linux', 'darwin'] : [pick(systems, stage.dice(2))],
    supportedFeatures: pick(featureSets, stage.dice(5)),
    mandatoryFeatures: stage.dice(4) === 0 ? ['kvm'] : [],
    slots: stage.dice(4),
    ahead: stage.dice(3),
    speedFactor: 1 + stage.dice(2),
  });
  const builder = builderId(`builder-${stage.builders}`);
  stage.observer.apply({ type: 'builder-joined', builder, facts });
}

export function pingBuilder(stage: Stage): void {
  const builder = someBuilder(stage);
  if (builder === undefined) return;
  const health = stage.dice(4) === 0 ? { ...healthy, storeFreePercent: 1 } : healthy;
  stage.observer.apply({ type: 'builder-pinged', builder, health });
}

export function leaveFarm(stage: Stage): void {
  const builder = someBuilder(stage);
  if (builder !== undefined) stage.observer.apply({ type: 'builder-left', builder });
}

export function goAway(stage: Stage): void {
  const builder = someBuilder(stage);
  if (builder === undefined) return;
  const until = instant(stage.observer.now + stage.dice(100_000));
  stage.observer.apply({ type: 'builder-away', builder, until });
}

/** With some of what it had, and with other abilities. */
export function comeBack(stage: Stage): void {
  const builder = someBuilder(stage);
  const known = builder === undefined ? undefined : stage.observer.builders.get(builder);
  if (builder === undefined || known === undefined) return;
  const held = [...stage.observer.live.keys()].filter(() => stage.dice(4) > 0);
  const facts = { ...known.facts, slots: stage.dice(4) };
  stage.observer.apply({ type: 'builder-rejoined', builder, facts, held });
}

function someBuilder(stage: Stage): BuilderId | undefined {
  const builders = [...stage.observer.builders.keys()];
  return builders[stage.dice(Math.max(builders.length, 1))];
}
