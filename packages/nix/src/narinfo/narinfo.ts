import type { Hash } from '../hash/hash.ts';
import type { PathInfo } from '../path-info/path-info.ts';

/** What a binary cache knows of a path: the store's facts, and the file that holds its archive. */
export type Narinfo = Omit<PathInfo, 'registrationTime' | 'ultimate'> & {
  /** Where the archive is, relative to the cache; anything may stand here, also a full URL. */
  readonly url: string;
  /** Such as `none`, `xz` or `zstd`. */
  readonly compression: string;
  /** Of the compressed file. */
  readonly fileHash: Hash | null;
  /** Of the compressed file, in bytes. */
  readonly fileSize: number | null;
};
