import type { Hash } from '../hash/hash.ts';
import type { ContentAddress } from '../store-path/content-address.ts';
import type { StorePath } from '../store-path/store-path.ts';

/** What a store knows about one of its valid paths. */
export type PathInfo = {
  readonly path: StorePath;
  /** The derivation that made it, where known. It need not be valid. */
  readonly deriver: StorePath | null;
  /** SHA-256 of the archive. */
  readonly narHash: Hash;
  /** Size of the archive in bytes. */
  readonly narSize: number;
  /** May include the path itself. */
  readonly references: readonly StorePath[];
  /** Seconds since the epoch; 0 where unknown. */
  readonly registrationTime: number;
  /** Built here, so that its signatures need no trust. */
  readonly ultimate: boolean;
  /** `<key name>:<base64>` each. */
  readonly signatures: readonly string[];
  /** Present where the path itself says what it must contain. */
  readonly contentAddress: ContentAddress | null;
};
