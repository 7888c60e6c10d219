import type { Transaction } from '../../database/connection/connection.ts';
import type { Upload, WantedUpload } from '../../database/uploads.ts';
import type { Effect, FarmEffect } from '../../farm/effect.ts';
import type { BuildResult } from '../../farm/facts.ts';
import type { JobsetId } from '../../farm/identity.ts';

/** Takes note of what is to be published. */
export type Uploads = {
  /** In the transaction that tells of the success: neither is there without the other. */
  record(transaction: Transaction, effects: readonly FarmEffect[]): Promise<void>;
  /** What is to be in the stores for everybody, whoever had it built. Resolves when it is recorded. */
  publishForAll(wanted: readonly WantedUpload[]): Promise<void>;
  /** What was recorded has been committed. */
  wake(): void;
  /** Tells of each upload that is done, or given up. Replaces an earlier listener. */
  whenEnded(listen: UploadListener): void;
};

export type UploadListener = (upload: Upload, end: 'published' | 'given-up') => void;

/** For a runner that publishes nothing. */
export const noUploads: Uploads = {
  record: () => Promise.resolve(),
  publishForAll: () => Promise.resolve(),
  wake: () => {},
  whenEnded: () => {},
};

/** With the jobsets that need it. */
export type NeededUpload = WantedUpload & { readonly jobsets: readonly JobsetId[] };

/** Outputs and log of what succeeded, also of what was there before; the log alone of what failed. Each once. */
export function wantedUploads(effects: readonly FarmEffect[]): NeededUpload[] {
  const wanted = new Map<string, NeededUpload>();
  for (const effect of effects) {
    const one = wantedBy(effect);
    if (one === null) continue;
    const key = `${one.derivation} ${one.outputs.join(' ')}`;
    const jobsets = [...(wanted.get(key)?.jobsets ?? []), ...one.jobsets];
    wanted.set(key, { ...one, jobsets });
  }
  return [...wanted.values()];
}

function wantedBy(effect: FarmEffect): NeededUpload | null {
  if (effect.type !== 'finish-attempt' && effect.type !== 'succeed-build') return null;
  const { derivation, result, jobsets } = effect;
  if (result !== null) return { derivation, outputs: pathsOf(result), jobsets };
  if (effect.type !== 'finish-attempt' || !hasLog(effect)) return null;
  return { derivation, outputs: [], jobsets };
}

/** Attempts that nobody wanted any more have no log worth publishing. */
const hasLog = ({ outcome }: Effect<'finish-attempt'>): boolean =>
  outcome !== 'cancelled' && outcome !== 'aborted';

const pathsOf = ({ outputs }: BuildResult): string[] =>
  [...outputs.values()].map(({ path }) => path).sort();
