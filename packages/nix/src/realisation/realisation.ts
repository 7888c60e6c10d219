import type { DerivationPath, StorePath } from '../store-path/store-path.ts';
import type { Hash } from '../hash/hash.ts';

/**
 * Names an output whose path only a build can tell.
 * - `derivation-hash`: by the masked hash modulo of its derivation, up to Nix 2.34
 * - `derivation-path`: by the path of its resolved derivation, from 2.35 on
 */
export type OutputKey =
  | { readonly type: 'derivation-hash'; readonly hash: Hash; readonly output: string }
  | {
      readonly type: 'derivation-path';
      readonly derivation: DerivationPath;
      readonly output: string;
    };

/** What an output turned out to be, as binary caches keep it. */
export type SignedRealisation = {
  readonly key: OutputKey;
  readonly path: StorePath;
  /** `<key name>:<base64>` each. */
  readonly signatures: readonly string[];
  /** By the ids of the outputs it depends on; only Nix 2.8 fills this in, and signs it. */
  readonly dependencies: ReadonlyMap<string, StorePath>;
};
