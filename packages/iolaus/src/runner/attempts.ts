import { randomUUID } from 'node:crypto';
import type { DerivationPath } from '@iolaus/nix';
import { LRUCache } from 'lru-cache';
import type { AttemptNumber, BuildId, BuilderId } from '../farm/identity.ts';
import type { Phase } from '../farm/outcome.ts';

/** An attempt that a builder may report on. */
export type LiveAttempt = {
  /** What it is called on the wire. */
  readonly uuid: string;
  readonly attempt: AttemptNumber;
  readonly derivation: DerivationPath;
  readonly builder: BuilderId;
  readonly hostname: string;
  readonly build: BuildId;
  readonly startedAt: number;
  /** Known from the moment that its row is there. */
  stepNumber: number | undefined;
  phase: Phase;
};

// A builder repeats a report for a minute at most when the answer got lost.
const endedRemembered = 10_000;

/** The attempts that are under way, by all the names they have. */
export class Attempts {
  readonly #byUuid = new Map<string, LiveAttempt>();
  readonly #byNumber = new Map<AttemptNumber, LiveAttempt>();
  readonly #ended = new LRUCache<string, true>({ max: endedRemembered });

  add(facts: Omit<LiveAttempt, 'uuid' | 'stepNumber' | 'phase'>): LiveAttempt {
    const live: LiveAttempt = {
      ...facts,
      uuid: randomUUID(),
      stepNumber: undefined,
      phase: 'preparing',
    };
    this.#byUuid.set(live.uuid, live);
    this.#byNumber.set(live.attempt, live);
    return live;
  }

  byUuid(uuid: string): LiveAttempt | undefined {
    return this.#byUuid.get(uuid);
  }

  byNumber(attempt: AttemptNumber): LiveAttempt | undefined {
    return this.#byNumber.get(attempt);
  }

  /** The attempt at this derivation, for peers that name no attempt. */
  byDerivation(derivation: DerivationPath): LiveAttempt | undefined {
    return this.#byUuid.values().find((live) => live.derivation === derivation);
  }

  /** It was there and is over: what is said of it now is late, not wrong. */
  hasEnded(uuid: string): boolean {
    return this.#ended.has(uuid);
  }

  end(attempt: AttemptNumber): void {
    const live = this.#byNumber.get(attempt);
    if (live === undefined) return;
    this.#byNumber.delete(attempt);
    this.#byUuid.delete(live.uuid);
    this.#ended.set(live.uuid, true);
  }

  values(): Iterable<LiveAttempt> {
    return this.#byUuid.values();
  }
}
