import type { DerivationPath, StorePath } from '@iolaus/nix';
import type { IncomingPaths } from '../../protocol/store-transfer.ts';
import type { Attempts } from '../attempts/attempts.ts';
import type { SpeaksFor } from '../attempts/own-attempt.ts';
import { checkPaths } from './check-paths.ts';
import type { Refusals } from './refusals.ts';
import type { RunnerStore } from '../store/runner-store.ts';
import type { StoreTransfers } from '../store/store-transfers.ts';
import type { WantedSources } from './wanted-paths.ts';

/** Takes store paths that builders hand over; stops in the middle when their attempt is over. */
export class HandOvers {
  readonly #attempts: Attempts;
  readonly #transfers: Pick<StoreTransfers, 'receive'>;
  readonly #sources: WantedSources;
  readonly #underWay = new Map<DerivationPath, Set<Promise<void>>>();

  constructor(options: {
    readonly attempts: Attempts;
    readonly refusals: Refusals;
    readonly store: Pick<RunnerStore, 'transfers' | 'derivations' | 'directory' | 'measure'>;
    /** Of the archive of an output. Asked for each. */
    readonly maxOutputBytes: () => number;
  }) {
    const { attempts, refusals, store, maxOutputBytes } = options;
    const { transfers, derivations, measure, directory: storeDirectory } = store;
    const has = (path: StorePath): Promise<boolean> => transfers.has(path);
    this.#attempts = attempts;
    this.#transfers = transfers;
    this.#sources = { derivations, measure, storeDirectory, has, refusals, maxOutputBytes };
  }

  /** @throws CallError */
  async receive(paths: IncomingPaths, speaksFor: SpeaksFor): Promise<void> {
    const live = paths.attempt === null ? undefined : this.#attempts.byUuid(paths.attempt);
    const receiving = this.#receive(paths, { speaksFor, over: live?.ending.signal });
    await (live === undefined ? receiving : this.#follow(live.derivation, receiving));
  }

  /** Resolves when nothing more comes of what was begun. */
  async settled(derivation: DerivationPath): Promise<void> {
    const underWay = this.#underWay.get(derivation);
    if (underWay !== undefined) await Promise.allSettled(underWay);
  }

  async #receive(
    paths: IncomingPaths,
    call: { readonly speaksFor: SpeaksFor; readonly over: AbortSignal | undefined },
  ): Promise<void> {
    const options = { ...this.#sources, ...call, attempts: this.#attempts };
    await this.#transfers.receive(await checkPaths(paths, options));
  }

  async #follow(derivation: DerivationPath, receiving: Promise<void>): Promise<void> {
    const others = this.#underWay.get(derivation) ?? new Set();
    this.#underWay.set(derivation, others.add(receiving));
    try {
      await receiving;
    } finally {
      others.delete(receiving);
      if (others.size === 0) this.#underWay.delete(derivation);
    }
  }
}
