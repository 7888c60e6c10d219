import type { Builder } from '../builders/builder.ts';
import type { FarmState } from '../farm-state.ts';
import type { Queue } from '../queues/queue.ts';
import type { Step } from '../graph/step.ts';
import { fits } from './reservation.ts';
import { bytesThere } from './whereabouts.ts';

/** Only so many of the builders that come first are looked at. */
const lookedAt = 8;

/**
 * The builder with room that gets the step. Hydra's orders name it; ours takes of those that come first one on which the
 * step fits, and of these the one that has the most of its inputs, or the runner's own store for a step that prefers it.
 */
export function chooseBuilder(farm: FarmState, queue: Queue, step: Step): Builder | undefined {
  const first = queue.openings.first();
  if (first === undefined || farm.placement.order !== 'BestFit' || queue.openings.size === 1) {
    return first;
  }
  let best = first;
  let bestFits = fits(first, step);
  for (const builder of queue.openings.inOrder().take(lookedAt)) {
    // A step taken ahead waits: no fit and no input is worth that.
    if (isFull(builder) && !isFull(first)) continue;
    const isFit = fits(builder, step);
    if (isFit === bestFits ? nearness(step, builder) > nearness(step, best) : isFit) {
      best = builder;
      bestFits = isFit;
    }
  }
  return best;
}

/** Bytes that need not be moved there; all of them where a step stays that its author wants built locally. */
function nearness(step: Step, builder: Builder): number {
  const stays = step.facts.wishes?.prefersLocal === true && builder.facts.sharesStore === true;
  return stays ? Infinity : bytesThere(step, builder);
}

const isFull = ({ leases, facts }: Builder): boolean => leases.size >= facts.slots;
