import type { StorePath } from '@iolaus/nix';
import type { BinaryCache } from '../../../cache/binary-cache.ts';
import type { S3Client } from '../../../cache/objects/s3/s3-client.ts';

/** A cache that builders can upload to themselves. */
export type DirectCache = {
  /** As the configuration has it. */
  readonly address: string;
  readonly cache: BinaryCache;
  readonly client: S3Client;
  /** Has it hold paths of the runner's store, with all that they refer to; none: only makes it a cache. */
  publishPaths(paths: readonly StorePath[]): Promise<void>;
};
