import { derivationPath } from '@iolaus/nix';
import type { DerivationPath, StorePath } from '@iolaus/nix';
import { sleep } from '../../../clock/clock.ts';
import type { Clock } from '../../../clock/clock.ts';
import type { FarmEvent } from '../../../farm/event.ts';
import type { FarmView } from '../../../farm/view.ts';
import { describeError } from '../../../fault/fault.ts';
import type { Logger } from '../../../logging/logger.ts';
import type { GraphSources } from '../../ingest/unfinished-graph.ts';
import type { Validity } from '../../ingest/validity.ts';
import type { RunnerStore } from '../../store.ts';
import type { Uploads } from '../uploads.ts';
import { buildInstead } from './build-instead.ts';
import { findOwed, outputsOf } from './owed-outputs.ts';
import type { OverflowDoor } from './overflow-door.ts';

/**
 * What lies in the overflow store alone, and others need: an upload like any other brings it to the stores for everybody,
 * and steps that wait for it are done when it is there.
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

export function openCopyBack(options: {
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
}): CopyBack {
  const { door, store, validInStore, uploads, sourcesOf, view, submit, clock, logger } = options;
  const awaited = new Map<DerivationPath, readonly StorePath[]>();
  const tally: CopyTally = { queued: 0, succeeded: 0, failed: 0 };
  const underWay = new Set<DerivationPath>();
  const stopping = new AbortController();
  const working = new Set<Promise<void>>();

  const claim: CopyBack['claim'] = async (found) => {
    const owed = await findOwed(found, door, store.derivations).catch(async (error: unknown) => {
      if (!(await isStored(found))) throw error;
      logger.warn({ error: describeError(error) }, 'it cannot be told what only overflow has');
      return new Map<DerivationPath, readonly StorePath[]>();
    });
    if (owed.size === 0) return new Set();
    tally.queued += owed
      .keys()
      .filter((path) => !underWay.has(path))
      .toArray().length;
    owed.keys().forEach((path) => underWay.add(path));
    await uploads.publishForAll(
      [...owed.keys()].map((derivation) => {
        const outputs = outputsOf(store.derivations, derivation).sort();
        return { derivation, outputs };
      }),
    );
    const stored = await validInStore([...owed.values()].flat());
    for (const [path, outputs] of owed)
      if (outputs.some((output) => !stored.has(output))) awaited.set(path, outputs);
    return new Set(owed.keys().filter((path) => awaited.has(path)));
  };

  /** Nobody has to fetch them from a cache. */
  const isStored = async (found: readonly DerivationPath[]): Promise<boolean> => {
    const outputs = found.flatMap((path) => outputsOf(store.derivations, path));
    const stored = await validInStore(outputs);
    return outputs.every((output) => stored.has(output));
  };

  const settle = (derivation: DerivationPath): void => {
    const work = answer(derivation).finally(() => working.delete(work));
    working.add(work);
  };

  const answer = async (derivation: DerivationPath): Promise<void> => {
    while (isAsked(derivation) && !stopping.signal.aborted) {
      try {
        const event = await find(derivation);
        if (event === null || !isAsked(derivation)) return;
        awaited.delete(derivation);
        submit(event).catch(() => {});
        return;
      } catch (error) {
        const told = { derivation, error: describeError(error) };
        logger.warn(told, 'it cannot be told whether an output has been copied; trying again');
        await sleep(clock, againMilliseconds, stopping.signal);
      }
    }
  };

  /** Null: it is still to be waited for. */
  const find = async (derivation: DerivationPath): Promise<FarmEvent | null> => {
    const outputs = awaited.get(derivation) ?? [];
    const [regular, overflow] = [door.regular(), door.cache()];
    const missing = (await regular?.presence.findMissing(outputs)) ?? outputs;
    if (missing.length === 0) {
      const result = await store.results.read(derivation);
      return { type: 'step-found-built', derivation, result };
    }
    for (const path of missing) overflow?.cache.presence.forget(path);
    const lost = (await overflow?.cache.presence.findMissing(missing)) ?? missing;
    return lost.length === 0 ? null : buildInstead(derivation, await sourcesOf(derivation));
  };

  const isAsked = (derivation: DerivationPath): boolean =>
    awaited.has(derivation) && view.step(derivation)?.state.type === 'unfolding';

  const settleAll = (): void => awaited.keys().forEach(settle);

  uploads.whenEnded((upload, end) => {
    const derivation = derivationPath(upload.derivation);
    if (underWay.delete(derivation)) tally[end === 'published' ? 'succeeded' : 'failed'] += 1;
    settle(derivation);
  });
  return {
    ...{ claim, settle, settleAll, tally },
    awaits: (derivation) => awaited.has(derivation),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all(working);
    },
  };
}
