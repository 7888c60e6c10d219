import type { Transaction } from '../../database/connection/connection.ts';
import type { WantedUpload } from '../../database/uploads.ts';
import type { FarmEffect } from '../../farm/effect.ts';
import type { BuildResult } from '../../farm/facts.ts';

/** Takes note of what is to be published. */
export type Uploads = {
  /** In the transaction that tells of the success: neither is there without the other. */
  record(transaction: Transaction, effects: readonly FarmEffect[]): Promise<void>;
  /** That has been committed. */
  wake(): void;
};

/** For a runner that publishes nothing. */
export const noUploads: Uploads = { record: () => Promise.resolve(), wake: () => {} };

/** Outputs and log of what succeeded, also of what was there before; the log alone of what failed. Each once. */
export function wantedUploads(effects: readonly FarmEffect[]): WantedUpload[] {
  const wanted = new Map<string, WantedUpload>();
  for (const effect of effects) {
    const one = wantedBy(effect);
    if (one !== null) wanted.set(`${one.derivation} ${one.outputs.join(' ')}`, one);
  }
  return [...wanted.values()];
}

function wantedBy(effect: FarmEffect): WantedUpload | null {
  if (effect.type !== 'finish-attempt' && effect.type !== 'succeed-build') return null;
  const { derivation, result } = effect;
  if (result !== null) return { derivation, outputs: pathsOf(result) };
  return effect.type === 'finish-attempt' && hasLog(effect) ? { derivation, outputs: [] } : null;
}

/** Of those that nobody wants any more there is nothing to say. */
const hasLog = ({ outcome }: Extract<FarmEffect, { readonly type: 'finish-attempt' }>): boolean =>
  outcome !== 'cancelled' && outcome !== 'aborted';

const pathsOf = ({ outputs }: BuildResult): string[] =>
  [...outputs.values()].map(({ path }) => path).sort();
