import type { DerivationPath } from '@iolaus/nix';
import type { AttemptUuid } from '../../protocol/identity.ts';
import type { IncomingPaths } from '../../protocol/store-transfer.ts';
import type { Attempts } from '../attempts/attempts.ts';
import { checkPaths } from './check-paths.ts';
import type { Refusals } from './refusals.ts';
import type { StoreTransfers } from './store-transfers.ts';

/** What builders hand over. It is broken off when its attempt is over. */
export class HandOvers {
  readonly #attempts: Attempts;
  readonly #refusals: Refusals;
  readonly #transfers: Pick<StoreTransfers, 'receive'>;
  readonly #underWay = new Map<DerivationPath, Set<Promise<void>>>();

  constructor(options: {
    readonly attempts: Attempts;
    readonly refusals: Refusals;
    readonly transfers: Pick<StoreTransfers, 'receive'>;
  }) {
    this.#attempts = options.attempts;
    this.#refusals = options.refusals;
    this.#transfers = options.transfers;
  }

  /** @throws CallError */
  async receive(paths: IncomingPaths): Promise<void> {
    const live = paths.attempt === null ? undefined : this.#attempts.byUuid(paths.attempt);
    const checked = checkPaths(paths, {
      isUnderWay: (attempt) => this.#isUnderWay(attempt),
      refusals: this.#refusals,
      ...(live === undefined ? {} : { over: live.ending.signal }),
    });
    const receiving = this.#transfers.receive(checked);
    await (live === undefined ? receiving : this.#follow(live.derivation, receiving));
  }

  /** Resolves when nothing that was begun comes any more. */
  async settled(derivation: DerivationPath): Promise<void> {
    const underWay = this.#underWay.get(derivation);
    if (underWay !== undefined) await Promise.allSettled(underWay);
  }

  #isUnderWay(attempt: AttemptUuid | null): boolean {
    return attempt === null
      ? this.#attempts.count > 0
      : this.#attempts.byUuid(attempt) !== undefined;
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
