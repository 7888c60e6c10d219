import { takeFirstAnswer } from '../api/first-answer.ts';
import { getJson, RequestFailure } from '../api/request.ts';
import { apiRoot } from '../api/v2.ts';
import type { QueuedStep, QueueWindow } from '../api/v2.ts';
import type { QueueFilter } from './queue-view.ts';

/** As many rows as three screens, in an answer that comes at once. */
const windowSize = 100;
/** Enough to scroll back a while; each is some 100 KB. */
const windowsMax = 80;
/** More at once would hold up those that one has come to by now. */
const askingMax = 3;

/** Steps of the queue by their place in it, read in pieces as they are looked at. */
export type Windows = {
  /** The step at an offset among those that fit a filter; undefined while it is not there. */
  stepAt(filter: QueueFilter, offset: number): QueuedStep | undefined;
  /** How many fit the filter, as far as it was asked. */
  totalOf(filter: QueueFilter): number | undefined;
  /** Sees to it that what is looked at comes, and nothing else. */
  want(places: Iterable<Wanted>): void;
  /** What is here is old: what is looked at is read again, and then shown in its place. */
  refresh(): void;
  close(): void;
};

export type Wanted = { readonly filter: QueueFilter; readonly offset: number };
type Held = { readonly steps: readonly QueuedStep[]; readonly age: number };

/** `tell` is called whenever there is something new to be seen, or why there is not. */
export function openWindows(tell: (failure: RequestFailure | undefined) => void): Windows {
  const held = new Map<string, Held>();
  const totals = new Map<string, number>();
  const asking = new Map<string, AbortController>();
  let wanted = new Map<string, Wanted>();
  let age = 0;

  const hold = (key: string, filter: QueueFilter, window: QueueWindow, askedAt: number): void => {
    held.delete(key);
    held.set(key, { steps: window.items, age: askedAt });
    totals.set(keyOf(filter), window.total);
    for (const oldest of held.keys()) if (held.size > windowsMax) held.delete(oldest);
  };
  const ask = async (key: string, { filter, offset }: Wanted): Promise<void> => {
    const stop = new AbortController();
    asking.set(key, stop);
    const askedAt = age;
    try {
      const window = await getJson<QueueWindow>(addressOf(filter, offset), stop.signal);
      hold(key, filter, window, askedAt);
      tell(undefined);
    } catch (error) {
      if (stop.signal.aborted) return;
      held.set(key, { steps: held.get(key)?.steps ?? [], age: askedAt });
      tell(error instanceof RequestFailure ? error : undefined);
    } finally {
      asking.delete(key);
      askForMore();
    }
  };
  const askForMore = (): void => {
    for (const [key, place] of wanted) {
      if (asking.size >= askingMax) return;
      if (!asking.has(key) && held.get(key)?.age !== age) void ask(key, place);
    }
  };
  return {
    stepAt(filter, offset) {
      const start = startOf(offset);
      return held.get(keyOf(filter, start))?.steps[offset - start];
    },
    totalOf(filter) {
      const key = keyOf(filter);
      // The first of them came with the page.
      const first = totals.has(key)
        ? undefined
        : takeFirstAnswer<QueueWindow>(addressOf(filter, 0));
      if (first !== undefined) hold(keyOf(filter, 0), filter, first, age);
      return totals.get(key);
    },
    want(places) {
      wanted = new Map();
      for (const { filter, offset } of places) {
        const start = startOf(offset);
        wanted.set(keyOf(filter, start), { filter, offset: start });
      }
      for (const [key, stop] of asking) if (!wanted.has(key)) stop.abort();
      askForMore();
    },
    refresh() {
      age += 1;
      askForMore();
    },
    close() {
      wanted = new Map();
      for (const stop of asking.values()) stop.abort();
    },
  };
}

const startOf = (offset: number): number => Math.floor(offset / windowSize) * windowSize;

// Asked for dozens of times with every picture while one scrolls.
const texts = new WeakMap<QueueFilter, string>();

function keyOf(filter: QueueFilter, start?: number): string {
  let text = texts.get(filter);
  if (text === undefined) texts.set(filter, (text = new URLSearchParams(filter).toString()));
  return `${text} ${start ?? ''}`;
}

function addressOf(filter: QueueFilter, offset: number): string {
  const query = new URLSearchParams(filter);
  query.set('limit', String(windowSize));
  if (offset > 0) query.set('offset', String(offset));
  return `${apiRoot}/queue/steps?${query.toString()}`;
}
