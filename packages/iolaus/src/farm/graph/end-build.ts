import type { Build } from './build.ts';
import { dropDemand } from '../queues/demand.ts';
import { emergencyKey } from '../emergencies/emergency-priority.ts';
import type { EmergencySubject } from '../emergencies/emergency-priority.ts';
import type { BuildFacts, BuildResult } from '../facts.ts';
import type { FarmState } from '../farm-state.ts';
import type { BuildId } from '../identity.ts';
import { withdrawDemand } from './graph.ts';

/** Forgets the build, and every step that only it needed. */
export function endBuild(farm: FarmState, build: Build): void {
  farm.builds.delete(build.facts.id);
  endEmergencyOf(farm, build.facts.id);
  build.step.builds.delete(build);
  withdrawDemand(farm, build.step, build.demand);
  dropDemand(farm, build.demand);
}

function endEmergencyOf(farm: FarmState, id: BuildId): void {
  const subject: EmergencySubject = { type: 'build', build: id };
  if (!farm.emergencies.delete(emergencyKey(subject))) return;
  farm.effects.push({ type: 'drop-emergency', subject });
}

/** In the order of their ids, as Hydra touches its rows. */
export function inOrder(builds: Iterable<Build>): Build[] {
  return [...builds].sort((one, other) => one.facts.id - other.facts.id);
}

/** Nothing had to be built. */
export function endFoundBuild(farm: FarmState, build: BuildFacts, result: BuildResult): void {
  farm.effects.push({
    type: 'succeed-build',
    build: build.id,
    jobsets: [build.jobset],
    derivation: build.derivation,
    result,
    cached: true,
    startedAt: farm.now,
    stoppedAt: farm.now,
  });
  withdrawBuild(farm, build.id);
}

/** It can never run: Hydra aborts such builds. */
export function endUnreadableBuild(farm: FarmState, { id }: BuildFacts): void {
  farm.effects.push({
    type: 'fail-build',
    build: id,
    outcome: 'aborted',
    cached: false,
    unreadable: true,
    startedAt: farm.now,
    stoppedAt: farm.now,
  });
  withdrawBuild(farm, id);
}

/** Somebody else has ended it. */
export function withdrawBuild(farm: FarmState, id: BuildId): void {
  const build = farm.builds.get(id);
  if (build !== undefined) endBuild(farm, build);
}
