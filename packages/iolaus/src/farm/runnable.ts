import type { DerivationPath } from '@iolaus/nix';
import type { FarmState } from './farm-state.ts';
import { IndexedHeap } from './heap.ts';
import type { BuildId, Instant, JobsetId } from './identity.ts';
import { shareUsed } from './jobset.ts';
import { isBetterOffer } from './rank.ts';
import type { Entry, Offer } from './rank.ts';
import type { Step } from './step.ts';

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
  const sources = new IndexedHeap<Source>((one, other) => isBetterOffer(one.offer, other.offer));
  for (const offers of laneOffers(farm)) advance(sources, offers);
  // A step stands in the lane of each of its jobsets.
  const seen = new Set<Step>();
  for (
    let best = sources.first();
    best !== undefined && seen.size < limit;
    best = sources.first()
  ) {
    sources.remove(best);
    if (!seen.has(best.offer.entry.step)) yield describe(best.offer);
    seen.add(best.offer.entry.step);
    advance(sources, best.offers);
  }
}

function advance(sources: IndexedHeap<Source>, offers: Iterator<Offer, void>): void {
  const next = offers.next();
  if (next.done !== true) sources.put({ offers, offer: next.value });
}

function* laneOffers(farm: FarmState): Generator<Iterator<Offer, void>> {
  for (const queue of farm.queues.values()) {
    for (const [jobset, lane] of queue.lanes) {
      const share = shareUsed(jobset, farm.now);
      yield lane.inOrder().map((entry): Offer => ({ entry, queue, shareUsed: share }));
    }
  }
}

function describe({ entry, shareUsed: share }: Offer): RunnableStep {
  const { facts } = entry.step;
  return {
    derivation: facts.derivation,
    system: facts.system,
    requiredFeatures: facts.requiredFeatures,
    since: runnableSince(entry),
    globalPriority: entry.globalPriority,
    shareUsed: share,
    localPriority: entry.localPriority,
    lowestBuild: entry.lowestBuild,
    jobsets: entry.jobsets.map(({ id }) => id),
  };
}

function runnableSince({ step: { state, facts } }: Entry): Instant {
  if (state.type !== 'runnable') throw new Error(`${facts.derivation} is queued but ${state.type}`);
  return state.since;
}
