import { derivationPath } from '@iolaus/nix';
import type { DerivationPath, StorePath } from '@iolaus/nix';
import { sleep } from '../../../clock/clock.ts';
import type { Clock } from '../../../clock/clock.ts';
import type { FarmEvent } from '../../../farm/event.ts';
import type { FarmView } from '../../../farm/view.ts';
import { describeError } from '../../../fault/fault.ts';
import type { Logger } from '../../../logging/logger.ts';
import type { GraphSources } from '../../ingest/unfinished-graph.ts';
import type { Validity } from '../../store/validity.ts';
import type { RunnerStore } from '../../store/runner-store.ts';
import type { Uploads } from '../uploads.ts';
import { buildInstead } from './build-instead.ts';
import { findOwed, outputsOf } from './owed-outputs.ts';
import type { Owed } from './owed-outputs.ts';
import type { OverflowDoor } from './overflow-door.ts';

/**
 * Copies what lies only in the overflow store, and is needed by others, to the stores for everybody, by an upload like any
 * other. Steps that wait for it are done when it is there.
 */
export interface CopyBack extends AsyncDisposable {
  /**
   * Of derivations whose outputs can all be had: those whose dependents have to wait until the stores for everybody have
   * them. They are being copied then, also what nobody has to wait for since the runner's store has it.
   */
  claim(found: readonly DerivationPath[]): Promise<ReadonlySet<DerivationPath>>;
  awaits(derivation: DerivationPath): boolean;
  /** The farm asks for the step, or what it waits for has changed. */
  settle(derivation: DerivationPath): void;
  /** The stores are others now. */
  settleAll(): void;
  readonly tally: Readonly<CopyTally>;
}

/** Derivations whose outputs were to be copied since the runner started, and what became of it. */
export type CopyTally = { queued: number; succeeded: number; failed: number };

/** For a farm without an overflow store. */
export const noCopyBack: CopyBack = {
  claim: async () => new Set(),
  awaits: () => false,
  settle: () => {},
  settleAll: () => {},
  tally: { queued: 0, succeeded: 0, failed: 0 },
  [Symbol.asyncDispose]: async () => {},
};

// A cache or a daemon that is restarted is back within seconds.
const againMilliseconds = 1_000;

export type CopyBackOptions = {
  readonly door: Pick<OverflowDoor, 'cache' | 'regular'>;
  readonly store: Pick<RunnerStore, 'derivations' | 'results'>;
  /** Without any cache. */
  readonly validInStore: Validity;
  readonly uploads: Pick<Uploads, 'publishForAll' | 'whenEnded'>;
  readonly sourcesOf: (derivation: DerivationPath) => Promise<GraphSources>;
  readonly view: Pick<FarmView, 'step'>;
  readonly submit: (event: FarmEvent) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
};

export class CopyingBack implements CopyBack {
  readonly tally: CopyTally = { queued: 0, succeeded: 0, failed: 0 };
  readonly #options: CopyBackOptions;
  /** Those that steps wait for, with what the stores for everybody lacked. */
  readonly #awaited = new Map<DerivationPath, readonly StorePath[]>();
  readonly #underWay = new Set<DerivationPath>();
  readonly #answering = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: CopyBackOptions) {
    this.#options = options;
    options.uploads.whenEnded(({ derivation }, end) =>
      this.#noteEnd(derivationPath(derivation), end),
    );
  }

  async claim(found: readonly DerivationPath[]): Promise<ReadonlySet<DerivationPath>> {
    const owed = await this.#findOwed(found);
    if (owed.size === 0) return new Set();
    await this.#copy([...owed.keys()]);
    const stored = await this.#options.validInStore([...owed.values()].flat());
    const awaited = [...owed].filter(([, outputs]) => outputs.some((path) => !stored.has(path)));
    for (const [path, outputs] of awaited) this.#awaited.set(path, outputs);
    return new Set(awaited.map(([path]) => path));
  }

  awaits(derivation: DerivationPath): boolean {
    return this.#awaited.has(derivation);
  }

  settle(derivation: DerivationPath): void {
    const answering = this.#answer(derivation).finally(() => this.#answering.delete(answering));
    this.#answering.add(answering);
  }

  settleAll(): void {
    for (const derivation of this.#awaited.keys()) this.settle(derivation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#answering);
  }

  /** What the runner's store has nobody waits for: a cache that cannot be asked holds up nothing then. */
  async #findOwed(found: readonly DerivationPath[]): Promise<Owed> {
    const { door, store, validInStore, logger } = this.#options;
    try {
      return await findOwed(found, door, store.derivations);
    } catch (error) {
      const outputs = found.flatMap((path) => outputsOf(store.derivations, path));
      const stored = await validInStore(outputs);
      if (outputs.some((output) => !stored.has(output))) throw error;
      const told = { error: describeError(error) };
      logger.warn(told, 'it cannot be told what only the overflow store has');
      return new Map();
    }
  }

  async #copy(derivations: readonly DerivationPath[]): Promise<void> {
    const { uploads, store } = this.#options;
    this.tally.queued += derivations.filter((path) => !this.#underWay.has(path)).length;
    for (const path of derivations) this.#underWay.add(path);
    await uploads.publishForAll(
      derivations.map((derivation) => {
        const outputs = outputsOf(store.derivations, derivation).sort();
        return { derivation, outputs };
      }),
    );
  }

  #noteEnd(derivation: DerivationPath, end: 'published' | 'given-up'): void {
    const isCopy = this.#underWay.delete(derivation);
    if (isCopy) this.tally[end === 'published' ? 'succeeded' : 'failed'] += 1;
    this.settle(derivation);
  }

  async #answer(derivation: DerivationPath): Promise<void> {
    const { submit, clock, logger } = this.#options;
    const { signal } = this.#stopping;
    while (this.#isAsked(derivation) && !signal.aborted) {
      try {
        const answer = await this.#look(derivation);
        if (answer === null || !this.#isAsked(derivation)) return;
        this.#awaited.delete(derivation);
        submit(answer).catch(() => {});
        return;
      } catch (error) {
        const told = { derivation, error: describeError(error) };
        logger.warn(told, 'it cannot be told whether an output has been copied; trying again');
        await sleep(clock, againMilliseconds, signal);
      }
    }
  }

  #isAsked(derivation: DerivationPath): boolean {
    const isUnfolding = this.#options.view.step(derivation)?.state.type === 'unfolding';
    return isUnfolding && this.#awaited.has(derivation);
  }

  /** Null: it is still to be waited for. */
  async #look(derivation: DerivationPath): Promise<FarmEvent | null> {
    const { door, store, sourcesOf } = this.#options;
    const outputs = this.#awaited.get(derivation) ?? [];
    const missing = (await door.regular()?.presence.findMissing(outputs)) ?? outputs;
    if (missing.length === 0) {
      const result = await store.results.read(derivation);
      return { type: 'step-found-built', derivation, result };
    }
    const presence = door.cache()?.cache.presence;
    for (const path of missing) presence?.forget(path);
    const lost = (await presence?.findMissing(missing)) ?? missing;
    return lost.length === 0 ? null : buildInstead(derivation, await sourcesOf(derivation));
  }
}
