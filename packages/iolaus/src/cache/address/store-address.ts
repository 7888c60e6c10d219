import type { StoreDirectory } from '@iolaus/nix';
import type { Compression, CompressionChoice } from '../compression/compression.ts';

/** How a cache is written, whatever it lies on. */
export type CacheSettings = {
  readonly storeDirectory: StoreDirectory;
  readonly nar: CompressionChoice;
  /** Compress one archive on all cores. */
  readonly parallelCompression: boolean;
  readonly narinfo: CompressionChoice;
  readonly listing: CompressionChoice;
  readonly log: CompressionChoice;
  readonly writesListings: boolean;
  readonly indexesDebugInfo: boolean;
  /** Files with secret keys; a name without a slash is a credential of systemd's. */
  readonly keyFiles: readonly string[];
  /** For `nix-cache-info`, where there is none yet. */
  readonly wantMassQuery: boolean;
  readonly priority: number | null;
};

export type S3Place = {
  readonly bucket: string;
  readonly region: string;
  /** Scheme, host and port. */
  readonly endpoint: URL;
  /** The bucket stands in the path, not in the host. */
  readonly pathStyle: boolean;
  /** A section of the credentials file; null: whatever the environment offers. */
  readonly profile: string | null;
  /** Also the largest object that is put at once. */
  readonly partBytes: number;
  readonly presignedSeconds: number;
  readonly storageClass: string | null;
};

/** Where to publish. */
export type StoreAddress =
  | { readonly type: 's3'; readonly place: S3Place; readonly settings: CacheSettings }
  | { readonly type: 'folder'; readonly path: string; readonly settings: CacheSettings }
  | { readonly type: 'http'; readonly url: URL; readonly settings: CacheSettings }
  /** Left to `nix copy`. */
  | { readonly type: 'nix'; readonly uri: string };

/** A cache that we write ourselves. */
export type CacheAddress = Exclude<StoreAddress, { readonly type: 'nix' }>;

export type { Compression };
