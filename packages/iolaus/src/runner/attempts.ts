import type { DerivationPath } from '@iolaus/nix';
import { LRUCache } from 'lru-cache';
import type { AttemptNumber, BuildId, BuilderId } from '../farm/identity.ts';
import type { Phase } from '../farm/outcome.ts';
import { parseAttemptUuid } from '../protocol/identity.ts';
import type { AttemptUuid } from '../protocol/identity.ts';

/** An attempt that a builder may report on. */
export type LiveAttempt = {
  /** What it is called on the wire. */
  readonly uuid: AttemptUuid;
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
  readonly #makeUuid: () => string;
  readonly #byUuid = new Map<AttemptUuid, LiveAttempt>();
  readonly #byNumber = new Map<AttemptNumber, LiveAttempt>();
  readonly #ended = new LRUCache<AttemptNumber, AttemptUuid>({ max: endedRemembered });

  constructor(makeUuid: () => string) {
    this.#makeUuid = makeUuid;
  }

  add(facts: Omit<LiveAttempt, 'uuid' | 'stepNumber' | 'phase'>): LiveAttempt {
    const live: LiveAttempt = {
      ...facts,
      uuid: this.#newUuid(),
      stepNumber: undefined,
      phase: 'preparing',
    };
    this.#byUuid.set(live.uuid, live);
    this.#byNumber.set(live.attempt, live);
    return live;
  }

  byUuid(uuid: AttemptUuid): LiveAttempt | undefined {
    return this.#byUuid.get(uuid);
  }

  byNumber(attempt: AttemptNumber): LiveAttempt | undefined {
    return this.#byNumber.get(attempt);
  }

  /** The attempt at this derivation, for peers that name no attempt. */
  byDerivation(derivation: DerivationPath): LiveAttempt | undefined {
    return this.values().find((live) => live.derivation === derivation);
  }

  /** What an attempt is called on the wire, also for a while after its end. */
  uuidOf(attempt: AttemptNumber): AttemptUuid | undefined {
    return this.#byNumber.get(attempt)?.uuid ?? this.#ended.get(attempt);
  }

  end(attempt: AttemptNumber): void {
    const live = this.#byNumber.get(attempt);
    if (live === undefined) return;
    this.#byNumber.delete(attempt);
    this.#byUuid.delete(live.uuid);
    this.#ended.set(attempt, live.uuid);
  }

  values(): IteratorObject<LiveAttempt> {
    return this.#byUuid.values();
  }

  #newUuid(): AttemptUuid {
    const uuid = parseAttemptUuid(this.#makeUuid());
    if (uuid === null) throw new Error('the system made a UUID that is none');
    return uuid;
  }
}
