import type { StorePath } from '@iolaus/nix';

/** Which of these paths are in the store. */
export type Validity = (paths: readonly StorePath[]) => Promise<ReadonlySet<StorePath>>;
