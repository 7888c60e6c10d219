import type { Hash, Narinfo, StorePath } from '@iolaus/nix';
import type { Caller } from './caller.ts';
import type { AttemptUuid, MachineUuid } from './identity.ts';

/** Who uploads, past the runner and straight to a cache in S3. */
export type Uploader = { readonly attempt: AttemptUuid; readonly machine: MachineUuid };

/** What a builder would like to upload: the closure of its outputs. */
export type UploadRequest = Uploader & {
  readonly archives: readonly OfferedArchive[];
  /** How it can compress, by the names of narinfos; empty: it does not say. */
  readonly compressions: readonly string[];
};

export type OfferedArchive = {
  readonly path: StorePath;
  readonly narHash: Hash;
  /** Bytes, uncompressed. */
  readonly narSize: number;
  /** In base 16. */
  readonly debugBuildIds: readonly string[];
};

/** What the builder is to upload for a path that the cache lacks. */
export type UploadGrant = {
  readonly path: StorePath;
  /** The archive's key, which the narinfo will name. */
  readonly url: string;
  readonly archive: ObjectGrant & { readonly multipart: MultipartGrant | null };
  /** Null: none is wanted of the builder. */
  readonly listing: ObjectGrant | null;
  /** Of those build ids that the cache has no link for. */
  readonly debugLinks: readonly ObjectGrant[];
  /** To be repeated in all that follows. */
  readonly bucket: string | null;
};

/** One object that may be put. */
export type ObjectGrant = {
  readonly key: string;
  /** Presigned: as good as a password while it is valid. */
  readonly url: string;
  /** `none`, `xz`, `bzip2`, `br` or `zstd`. */
  readonly compression: string;
  /** Null: the codec's own. */
  readonly level: number | null;
};

/** An archive that is to come in parts; all but the last have this size. */
export type MultipartGrant = {
  readonly uploadId: string;
  readonly partBytes: number;
  /** The first ones; there are more where they come from. */
  readonly parts: readonly PartGrant[];
};

/** `number` from 1. */
export type PartGrant = { readonly number: number; readonly url: string };

export type PartsRequest = Uploader & {
  readonly key: string;
  readonly uploadId: string;
  /** The number of the first, and how many. */
  readonly first: number;
  readonly count: number;
  readonly bucket: string | null;
};

/** `etag` without quotes. */
export type PutPart = { readonly number: number; readonly etag: string };

/** What a builder says when the objects of a path are where they should be. */
export type FinishedUpload = Uploader & {
  /** As the builder would write it; who signs believes none of it unseen. */
  readonly narinfo: Narinfo;
  readonly multipart: {
    readonly key: string;
    readonly uploadId: string;
    readonly parts: readonly PutPart[];
  } | null;
  /** The archive was there when the builder wanted to put its own. */
  readonly alreadyPresent: boolean;
  readonly bucket: string | null;
};

/** What a runner does for builders that upload themselves. */
export interface UploadHandlers {
  /** Only for what the cache lacks. */
  grant(request: UploadRequest, caller: Caller): Promise<readonly UploadGrant[]>;
  grantParts(request: PartsRequest, caller: Caller): Promise<readonly PartGrant[]>;
  /** Resolves when everybody can fetch the path. May come again. */
  finish(upload: FinishedUpload, caller: Caller): Promise<void>;
}
