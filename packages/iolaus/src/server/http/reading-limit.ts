import { LRUCache } from 'lru-cache';
import { ApiError } from './api-error.ts';
import { isThisMachine } from './client-address.ts';

/** Keeps whoever asks without end from taking the server for themselves. */
export type ReadingLimit = {
  /** Throws `ApiError` where an address asks too often. */
  add(address: string): void;
};

// A page that opens asks for a dozen things; somebody who clicks through builds for an hour stays below it.
const requestsPerSecond = 20;
// A room of people behind one address who open the page at once.
const burstRequests = 300;
// Whoever fills it with addresses of their own makes it forget those that ask least.
const addressesMax = 10_000;

type Bucket = { requests: number; readonly filledAt: number };

/** A bucket of requests for each address, but for programs on this machine. `now` in milliseconds. */
export function limitReading(now: () => number = Date.now): ReadingLimit {
  const buckets = new LRUCache<string, Bucket>({ max: addressesMax });
  return {
    add(address) {
      if (isThisMachine(address)) return;
      const at = now();
      const last = buckets.get(address) ?? { requests: burstRequests, filledAt: at };
      const refilled = last.requests + ((at - last.filledAt) / 1_000) * requestsPerSecond;
      const requests = Math.min(burstRequests, refilled);
      if (requests >= 1) {
        buckets.set(address, { requests: requests - 1, filledAt: at });
        return;
      }
      throw new ApiError(429, 'too-many-requests', 'Too many questions. Ask again in a second.');
    },
  };
}
