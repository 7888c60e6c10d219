import type { FarmState } from '../farm-state.ts';
import type { Builder } from '../builders/builder.ts';
import { attemptNumber } from '../identity.ts';
import type { Lease } from '../attempts/lease.ts';
import { limitsOf } from '../graph/limits.ts';
import { bestOffer, isBetterOffer } from './rank.ts';
import type { Entry, Offer } from './rank.ts';
import { chooseBuilder } from '../placement/choose-builder.ts';
import { representative } from '../graph/representative.ts';
import { ownSteps } from '../graph/resolution.ts';
import { changeStep } from '../graph/step-state.ts';

/** Gives out work until no builder that has room can build any step that is runnable. */
export function dispatch(farm: FarmState): void {
  for (let offer = nextOffer(farm); offer !== undefined; offer = nextOffer(farm)) {
    const builder = chooseBuilder(farm, offer.queue, offer.entry.step);
    if (builder === undefined) throw new Error(`${offer.queue.key} is ready without an opening`);
    startAttempt(farm, offer.entry, builder);
  }
}

/** Builders serve several queues, so the most urgent step of all queues comes first. */
function nextOffer(farm: FarmState): Offer | undefined {
  let best: Offer | undefined;
  for (const queue of farm.ready) {
    const offer = bestOffer(farm, queue);
    if (offer === undefined) continue;
    if (best === undefined || isBetterOffer(farm, offer, best)) best = offer;
  }
  return best;
}

function startAttempt(farm: FarmState, { step, jobsets }: Entry, builder: Builder): void {
  const attempt = farm.nextAttempt;
  farm.nextAttempt = attemptNumber(attempt + 1);
  const build = representative(step);
  const runnableSince = step.state.type === 'runnable' ? step.state.since : farm.now;
  const lease: Lease = {
    attempt,
    step,
    builder,
    build,
    jobsets,
    startedAt: farm.now,
    hasBegun: false,
  };
  changeStep(farm, step, 'dispatched', { type: 'leased', lease });
  farm.effects.push({
    type: 'start-attempt',
    attempt,
    step: step.facts,
    builder: builder.id,
    build,
    isOwn: ownSteps(step)
      .values()
      .some(({ builds }) => builds.values().some(({ facts }) => facts.id === build)),
    hostname: builder.facts.hostname,
    ...limitsOf(step, farm.settings),
    runnableSince,
    startedAt: farm.now,
  });
}
