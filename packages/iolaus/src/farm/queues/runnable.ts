import type { DerivationPath } from '@iolaus/nix';
import type { FarmState } from '../farm-state.ts';
import { Heap } from './heap.ts';
import type { BuildId, Instant, JobsetId } from '../identity.ts';
import { shareUsed } from './jobset.ts';
import { isBetterOffer } from './rank.ts';
import type { Entry, Offer } from './rank.ts';
import type { Step } from '../graph/step.ts';

/** A runnable step with everything that decides about its turn. */
export type RunnableStep = {
  readonly derivation: DerivationPath;
  readonly system: string;
  readonly requiredFeatures: readonly string[];
  readonly since: Instant;
  readonly globalPriority: number;
  /** Milliseconds of build time a share, of the least served of its jobsets. */
  readonly shareUsed: number;
  readonly localPriority: number;
  readonly lowestBuild: BuildId;
  readonly jobsets: readonly JobsetId[];
};

type Source = { readonly offers: Iterator<Offer, void>; offer: Offer };

/** Merges all lanes of all queues as the dispatcher would go through them. */
export function* runnableInOrder(farm: FarmState, limit: number): Generator<RunnableStep> {
  const sources = new Heap<Source>((one, other) => isBetterOffer(farm, one.offer, other.offer));
  for (const offers of laneOffers(farm)) advance(sources, offers);
  // A step stands in several lanes.
  const seen = new Set<Step>();
  for (
    let best = sources.takeFirst();
    best !== undefined && seen.size < limit;
    best = sources.takeFirst()
  ) {
    if (!seen.has(best.offer.entry.step)) yield describe(farm, best.offer);
    seen.add(best.offer.entry.step);
    advance(sources, best.offers);
  }
}

function advance(sources: Heap<Source>, offers: Iterator<Offer, void>): void {
  const next = offers.next();
  if (next.done !== true) sources.add({ offers, offer: next.value });
}

function* laneOffers(farm: FarmState): Generator<Iterator<Offer, void>> {
  for (const queue of farm.queues.values()) {
    for (const [group, lane] of queue.lanes) {
      const offer = (entry: Entry): Offer => {
        return { entry, queue, claim: farm.selection.claim(farm, group, entry) };
      };
      yield lane.inOrder().map(offer);
    }
  }
}

function describe(farm: FarmState, { entry }: Offer): RunnableStep {
  const { facts } = entry.step;
  return {
    derivation: facts.derivation,
    system: facts.system,
    requiredFeatures: facts.requiredFeatures,
    since: runnableSince(entry),
    globalPriority: entry.globalPriority,
    shareUsed: Math.min(...entry.jobsets.map((jobset) => shareUsed(jobset, farm.now))),
    localPriority: entry.localPriority,
    lowestBuild: entry.lowestBuild,
    jobsets: entry.jobsets.map(({ id }) => id),
  };
}

function runnableSince({ step: { state, facts } }: Entry): Instant {
  if (state.type !== 'runnable') throw new Error(`${facts.derivation} is queued but ${state.type}`);
  return state.since;
}
