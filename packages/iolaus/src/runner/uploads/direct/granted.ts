import type { StorePath } from '@iolaus/nix';
import type { CompressionChoice } from '../../../cache/compression/compression.ts';
import type { MultipartUpload } from '../../../cache/objects/s3/multipart.ts';
import { archiveKey } from '../../../cache/publish/store-archive.ts';
import type { OfferedArchive } from '../../../protocol/direct-upload.ts';
import type { LiveAttempt } from '../../attempts/attempts.ts';
import type { DirectCache } from './direct-cache.ts';

/** A path that a builder may upload. */
export type GrantedPath = {
  readonly claim: OfferedArchive;
  /** Of its archive. */
  readonly key: string;
  readonly packing: CompressionChoice;
  /** The upload in parts that is open; null: none is. */
  multipart: MultipartUpload | null;
  /** Resolves when the path is there for everybody; rejects when its attempt ends before that. */
  readonly sealed: PromiseWithResolvers<void>;
  /** Set once the upload is being checked and signed, or has been. */
  sealing: Promise<void> | null;
};

/** What an attempt may upload. */
export type Granted = {
  readonly live: LiveAttempt;
  readonly place: DirectCache;
  readonly paths: Map<StorePath, GrantedPath>;
  /** What the outputs need besides, which the runner has: resolves when it is published. */
  needs: Promise<void>;
  /** Aborted when the attempt is over. */
  readonly ending: AbortController;
};

export function newGranted(live: LiveAttempt, place: DirectCache): Granted {
  const ending = new AbortController();
  return { live, place, paths: new Map(), needs: Promise.resolve(), ending };
}

export function newGrantedPath(claim: OfferedArchive, packing: CompressionChoice): GrantedPath {
  const sealed = Promise.withResolvers<void>();
  // Perhaps nobody waits for it.
  sealed.promise.catch(() => {});
  const key = archiveKey(claim, packing.compression);
  return { claim, key, packing, multipart: null, sealed, sealing: null };
}
