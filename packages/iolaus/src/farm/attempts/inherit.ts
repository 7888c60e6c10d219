import { watchBuilder } from '../builders/builder-watch.ts';
import type { FarmState } from '../farm-state.ts';
import type { BuilderFacts } from '../facts.ts';
import { attemptNumber, instant } from '../identity.ts';
import type { Instant } from '../identity.ts';
import { abandonInherited, forgetInherited } from './inherited.ts';
import type { InheritedAttempt } from './inherited.ts';
import type { Lease } from './lease.ts';
import { joinBuilder } from '../builders/membership.ts';
import { canBuild } from '../graph/requirement.ts';
import type { Step } from '../graph/step.ts';
import { changeStep } from '../graph/step-state.ts';

/**
 * Attempts that were under way when the runner before this one ended. Their builders have until a given time to come
 * back, and their steps are given to nobody else. Comes before any build is queued.
 */
export function inheritAttempts(
  farm: FarmState,
  attempts: readonly InheritedAttempt[],
  until: Instant,
): void {
  for (const inherited of attempts) {
    const rival = farm.inherited.get(inherited.derivation);
    if (rival !== undefined) abandonInherited(farm, rival, 'aborted', 'there is a later attempt');
    farm.inherited.set(inherited.derivation, inherited);
    farm.firstAttempt = attemptNumber(Math.min(farm.firstAttempt, inherited.attempt));
    farm.nextAttempt = attemptNumber(Math.max(farm.nextAttempt, inherited.attempt + 1));
    awaitUnknownBuilder(farm, inherited, until);
  }
}

/** What it can do is known when it is back; until then it gets nothing. */
function awaitUnknownBuilder(
  farm: FarmState,
  { builder: id, hostname }: InheritedAttempt,
  until: Instant,
): void {
  if (!farm.builders.has(id)) joinBuilder(farm, id, absentBuilder(hostname));
  const builder = farm.builders.get(id);
  if (builder === undefined) return;
  builder.brought += 1;
  builder.unmet += 1;
  builder.awayUntil = until;
  watchBuilder(farm, builder);
}

const absentBuilder = (hostname: string): BuilderFacts => ({
  hostname,
  systems: [],
  supportedFeatures: [],
  mandatoryFeatures: [],
  slots: 0,
  ahead: 0,
  speedFactor: 0,
  cpuCount: 0,
  bogomips: 0,
  buildDirectoryThreshold: 0,
  storeThreshold: 0,
});

/** A step has become known: if an inherited attempt is at work on it, that one goes on. */
export function continueInherited(farm: FarmState, step: Step): void {
  const inherited = farm.inherited.get(step.facts.derivation);
  if (inherited === undefined) return;
  const builder = farm.builders.get(inherited.builder);
  const isFit =
    builder !== undefined &&
    (builder.awayUntil !== undefined || canBuild(builder.facts, step.queue.requirement));
  if (!isFit || step.state.type !== 'runnable') {
    abandonInherited(farm, inherited, 'aborted', 'the step cannot go on where it was');
    return;
  }
  forgetInherited(farm, inherited);
  const { attempt, build, hasBegun } = inherited;
  // The clock may have been set back since: nothing began in the future.
  const startedAt = instant(Math.min(inherited.startedAt, farm.now));
  const jobsets = [...new Set(step.demands.keys().map(({ jobset }) => jobset))];
  const lease: Lease = { attempt, step, builder, build, jobsets, startedAt, hasBegun };
  changeStep(farm, step, 'taken-back', { type: 'leased', lease });
  farm.effects.push({ type: 'continue-attempt', attempt });
}

/** All that is queued is known now: attempts whose steps are not among it are not needed any more. */
export function dropUnneeded(farm: FarmState): void {
  for (const inherited of farm.inherited.values()) {
    abandonInherited(farm, inherited, 'cancelled', null);
  }
}
