import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../fault/fault.ts';

/** How often something is tried, and how long is waited in between. */
export type RetryPolicy = {
  readonly triesMax: number;
  readonly firstMilliseconds: number;
  readonly longestMilliseconds: number;
};

/** Some ten seconds in all: longer outages are for the queue of uploads to wait out. */
export const usualRetries: RetryPolicy = {
  triesMax: 6,
  firstMilliseconds: 200,
  longestMilliseconds: 5_000,
};

/** Tries again after what may pass by itself, `cache-unavailable`; everything else is final. */
export async function retrying<Result>(
  policy: RetryPolicy,
  work: () => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (tries >= policy.triesMax || !mayPass(error)) throw error;
      await sleep(delayAfter(policy, tries), undefined, signal === undefined ? {} : { signal });
    }
  }
}

/** Whether the same may go well at another time. */
export function mayPass(error: unknown): boolean {
  return error instanceof Fault && error.code === 'cache-unavailable';
}

/** Anywhere up to the doubled wait, so that those who failed together do not come back together. */
function delayAfter({ firstMilliseconds, longestMilliseconds }: RetryPolicy, tries: number) {
  return Math.random() * Math.min(firstMilliseconds * 2 ** tries, longestMilliseconds);
}
