import { offerKey, poolRecord } from './memory.ts';
import type { Memory } from './memory.ts';
import type { DriverFailure } from './observation.ts';

const firstRest = 30_000;
const longestRest = 30 * 60_000;
/** As many machines in a row that never join are no accident: the pool rests until somebody has looked. */
const neverJoinedMax = 3;
const brokenRest = 60 * 60_000;

/** Its provider does not give the offer: it rests, the longer the more often. What no time heals rests longest at once. */
export function blameOffer(
  memory: Memory,
  pool: string,
  offer: string,
  { failure, message }: { readonly failure: DriverFailure; readonly message: string },
): Memory {
  const key = offerKey(pool, offer);
  const failures = (memory.offers[key]?.failures ?? 0) + 1;
  const isLasting = ['configuration', 'credentials', 'quota'].includes(failure);
  const rest = isLasting
    ? longestRest / 6
    : Math.min(longestRest, firstRest * 2 ** Math.min(failures - 1, 10));
  const record = { failures, until: memory.now + rest, message };
  return { ...memory, offers: { ...memory.offers, [key]: record } };
}

export function clearOffer(memory: Memory, pool: string, offer: string): Memory {
  const { [offerKey(pool, offer)]: _cleared, ...offers } = memory.offers;
  return { ...memory, offers };
}

/** A machine booted, or seemed to, and its builder never came. */
export function blameBoot(memory: Memory, pool: string, offer: string): Memory {
  const record = poolRecord(memory, pool);
  const neverJoined = record.neverJoined + 1;
  const brokenUntil = neverJoined >= neverJoinedMax ? memory.now + brokenRest : record.brokenUntil;
  const pools = { ...memory.pools, [pool]: { ...record, neverJoined, brokenUntil } };
  const message = 'its machine booted and never joined';
  return blameOffer({ ...memory, pools }, pool, offer, { failure: 'transient', message });
}
