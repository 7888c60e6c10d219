import type { DerivationPath } from '@iolaus/nix';
import type { Clock } from '../../clock/clock.ts';
import type { AttemptNumber, BuildId, BuilderId } from '../../farm/identity.ts';
import type { Phase } from '../../farm/outcome.ts';
import { CallError } from '../../protocol/call-error.ts';
import { parseAttemptUuid } from '../../protocol/identity.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';

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
  readonly maxSilentSeconds: number;
  readonly timeoutSeconds: number;
  /** Its builder can come back to it, so that it is recorded for the next runner. */
  readonly isGranted: boolean;
  /** Resolves when the farm knows its step: at once, but for an inherited attempt; or when the attempt is over. */
  readonly isKnown: Promise<void>;
  /** Aborted when it is over. */
  readonly ending: AbortController;
  /** Undefined until its row is recorded. */
  stepNumber: number | undefined;
  phase: Phase;
  /** Milliseconds since the epoch: when it was first told to build, and when the build last said something. */
  buildingSince: number | undefined;
  heardAt: number;
};

type Facts = Omit<LiveAttempt, 'isKnown' | 'ending' | 'buildingSince' | 'heardAt'>;

// A builder repeats a report for a minute at most when the answer got lost.
const endedRemembered = 10_000;

const alreadyKnown = Promise.resolve();

/** The attempts that are under way, by all the names they have. */
export class Attempts {
  readonly #makeUuid: () => string;
  readonly #clock: Clock;
  readonly #byUuid = new Map<AttemptUuid, LiveAttempt>();
  readonly #byNumber = new Map<AttemptNumber, LiveAttempt>();
  readonly #unknown = new Map<AttemptNumber, () => void>();
  /** Those that ended last, in the order of their ends. */
  readonly #ended = new Map<AttemptNumber, AttemptUuid>();
  readonly #endedUuids = new Set<AttemptUuid>();

  constructor(makeUuid: () => string, clock: Clock) {
    this.#makeUuid = makeUuid;
    this.#clock = clock;
  }

  add(facts: Omit<Facts, 'uuid' | 'stepNumber' | 'phase'>): void {
    const uuid = this.#newUuid();
    this.#enter({ ...facts, uuid, stepNumber: undefined, phase: 'preparing' }, alreadyKnown);
  }

  /** An attempt that an earlier runner gave out. What is reported of it has to wait until its step is known. */
  inherit(facts: Omit<Facts, 'isGranted'>): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#unknown.set(facts.attempt, resolve);
    this.#enter({ ...facts, isGranted: true }, promise);
  }

  notePhase(live: LiveAttempt, phase: Phase): void {
    if (phase === 'building') live.buildingSince ??= this.#clock.now();
    live.phase = phase;
  }

  noteHeard(live: LiveAttempt): void {
    live.heardAt = this.#clock.now();
  }

  /** The step of an inherited attempt is known again. */
  continue(attempt: AttemptNumber): void {
    this.#unknown.get(attempt)?.();
    this.#unknown.delete(attempt);
  }

  isKnown(attempt: AttemptNumber): boolean {
    return !this.#unknown.has(attempt);
  }

  get count(): number {
    return this.#byUuid.size;
  }

  byUuid(uuid: AttemptUuid): LiveAttempt | undefined {
    return this.#byUuid.get(uuid);
  }

  byNumber(attempt: AttemptNumber): LiveAttempt | undefined {
    return this.#byNumber.get(attempt);
  }

  /** The attempt at this derivation, for Hydra's builders, which do not name attempts. */
  byDerivation(derivation: DerivationPath): LiveAttempt | undefined {
    return this.values().find((live) => live.derivation === derivation && !live.isGranted);
  }

  /** The attempt of this row. */
  byRow(build: BuildId, stepNumber: number): LiveAttempt | undefined {
    return this.values().find((live) => live.build === build && live.stepNumber === stepNumber);
  }

  /** Whether it ended a while ago: then a report of it is a repetition. */
  hasEnded(uuid: AttemptUuid): boolean {
    return this.#endedUuids.has(uuid);
  }

  /** What an attempt is called on the wire, also for a while after its end. */
  uuidOf(attempt: AttemptNumber): AttemptUuid | undefined {
    return this.#byNumber.get(attempt)?.uuid ?? this.#ended.get(attempt);
  }

  /** Returns what it was, if it was under way. */
  end(attempt: AttemptNumber): LiveAttempt | undefined {
    const live = this.#byNumber.get(attempt);
    if (live === undefined) return undefined;
    this.#byNumber.delete(attempt);
    this.#byUuid.delete(live.uuid);
    this.#rememberEnded(live);
    this.continue(attempt);
    live.ending.abort(new CallError('not-found', `attempt ${live.uuid} is over`));
    return live;
  }

  #rememberEnded({ attempt, uuid }: LiveAttempt): void {
    this.#ended.set(attempt, uuid);
    this.#endedUuids.add(uuid);
    const [oldest] = this.#ended;
    if (oldest === undefined || this.#ended.size <= endedRemembered) return;
    this.#ended.delete(oldest[0]);
    this.#endedUuids.delete(oldest[1]);
  }

  values(): IteratorObject<LiveAttempt> {
    return this.#byUuid.values();
  }

  #enter(facts: Facts, isKnown: Promise<void>): void {
    const now = this.#clock.now();
    const ending = new AbortController();
    const buildingSince = facts.phase === 'building' ? now : undefined;
    const live = { ...facts, isKnown, ending, buildingSince, heardAt: now };
    this.#byUuid.set(live.uuid, live);
    this.#byNumber.set(live.attempt, live);
  }

  #newUuid(): AttemptUuid {
    const uuid = parseAttemptUuid(this.#makeUuid());
    if (uuid === null) throw new Error('the system made a UUID that is none');
    return uuid;
  }
}
