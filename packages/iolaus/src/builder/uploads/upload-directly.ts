import { join } from 'node:path';
import { dumpNar } from '@iolaus/nix';
import type { PathInfo, StorePath } from '@iolaus/nix';
import { atMost } from '../../cache/at-most.ts';
import type { Lane } from '../../cache/at-most.ts';
import { possibleCompressions } from '../../cache/compression/compress.ts';
import { parseCompression } from '../../cache/compression/compression.ts';
import { HttpClient } from '../../cache/http/http-client.ts';
import type { ConnectOptions } from '../../cache/http/http-client.ts';
import { usualRetries } from '../../cache/http/retries.ts';
import type { RetryPolicy } from '../../cache/http/retries.ts';
import { forEachInParallel } from '../../cache/in-parallel.ts';
import { smallBytesMax } from '../../cache/objects/gather.ts';
import { PartAddresses } from '../../cache/presigned/part-addresses.ts';
import { putArchive } from '../../cache/presigned/put-archive.ts';
import type { ArchiveTarget, PutArchive } from '../../cache/presigned/put-archive.ts';
import type { Sender } from '../../cache/presigned/put-object.ts';
import { Fault } from '../../fault/fault.ts';
import { CallError } from '../../protocol/call-error.ts';
import type { RunnerClient } from '../../protocol/client/runner-client.ts';
import type { OfferedArchive, UploadGrant, Uploader } from '../../protocol/direct-upload.ts';
import { findBuildIds } from './build-ids.ts';
import { putDescriptions } from './put-descriptions.ts';

/** How this machine uploads, for all of its attempts. */
export type Uplink = Disposable & {
  readonly http: HttpClient;
  readonly retries: RetryPolicy;
  /** Small archives have a lane of their own, limited in bytes, so that a large one does not hold them up. */
  readonly small: Lane;
  readonly large: Lane;
};

/** To one host; where HTTP/2 is spoken each has a hundred requests. */
const connections = 64;
/** What waits to be taken is in memory: of tiny ones as many are under way as there are connections, of the largest 16. */
const smallBytesAtOnce = 16 * smallBytesMax;
const smallestShareInBytes = smallBytesAtOnce / connections;
/** Each uses all cores when it is compressed. */
const largeAtOnce = 2;

export function openUplink({
  retries = usualRetries,
  ...connecting
}: ConnectOptions & { readonly retries?: RetryPolicy } = {}): Uplink {
  const http = new HttpClient({ connections, ...connecting });
  const lanes = { small: atMost(smallBytesAtOnce), large: atMost(largeAtOnce) };
  return { http, retries, ...lanes, [Symbol.dispose]: () => http[Symbol.dispose]() };
}

/** Who gives addresses, and signs. */
export type UploadTarget = Pick<RunnerClient, 'requestUploads' | 'requestParts' | 'finishUpload'>;

/** An attempt that hands over its outputs. */
export type DirectUpload = Uploader & {
  readonly client: UploadTarget;
  readonly uplink: Uplink;
  readonly physicalDirectory: string;
  /** The runner wants to know of debug information. */
  readonly debugInfo: boolean;
  readonly signal: AbortSignal;
};

/** Each looks through a folder, which most paths do not have. */
const offersAtOnce = 10;
/** What S3 or the runner refused once may go well with fresh addresses. */
const triesMax = 3;

/**
 * Puts what the runner's cache lacks of a closure straight into it, and has the runner sign it. Resolves when everybody
 * can fetch all of it. @throws CallError, Fault
 */
export async function uploadDirectly(
  closure: readonly PathInfo[],
  upload: DirectUpload,
): Promise<void> {
  const infos = new Map(closure.map((info) => [info.path, info]));
  const grants = await requestGrants(closure, upload);
  const failing = new AbortController();
  const signal = AbortSignal.any([upload.signal, failing.signal]);
  const ends = await Promise.allSettled(
    grants.map(async (grant) => {
      try {
        const info = infos.get(grant.path);
        if (info === undefined) throw unasked(grant.path);
        await uploadPath(info, grant, { ...upload, signal });
      } catch (error) {
        failing.abort(error);
        throw error;
      }
    }),
  );
  upload.signal.throwIfAborted();
  if (ends.some(({ status }) => status === 'rejected')) throw failing.signal.reason;
}

async function uploadPath(info: PathInfo, first: UploadGrant, upload: DirectUpload): Promise<void> {
  let grant: UploadGrant | null = first;
  for (let tries = 1; grant !== null; tries += 1) {
    try {
      return await putPath(info, grant, upload);
    } catch (error) {
      upload.signal.throwIfAborted();
      if (tries >= triesMax || !mayGoWell(error)) throw error;
      grant = await renewGrant(info, upload);
    }
  }
}

/** Whose fault it is decides: what is wrong with our archive stays wrong. */
const mayGoWell = (error: unknown): boolean =>
  error instanceof CallError
    ? error.status === 'internal'
    : error instanceof Fault && /^cache-(unavailable|refused)$/.test(error.code);

async function putPath(info: PathInfo, grant: UploadGrant, upload: DirectUpload): Promise<void> {
  const { client, uplink, physicalDirectory, signal } = upload;
  const { http, retries } = uplink;
  const sender: Sender = { http, retries, signal };
  const isLarge = info.narSize > smallBytesMax;
  // What goes through at once is kept until all of it has come.
  const archive = (): AsyncIterable<Uint8Array> =>
    dumpNar(join(physicalDirectory, info.path), {
      reuseBuffer: isLarge,
      sizeInBytes: info.narSize,
    });
  const putIt = () => putArchive(sender, targetOf(grant, upload), info, archive());
  const put = isLarge
    ? await uplink.large(putIt)
    : await uplink.small(putIt, Math.max(info.narSize, smallestShareInBytes));
  if (put.listing !== null)
    await putDescriptions(sender, grant, put.listing, () => renewGrant(info, upload));
  await client.finishUpload(finished(info, grant, put, upload), { signal });
}

function targetOf(grant: UploadGrant, upload: DirectUpload): ArchiveTarget {
  const { url, key, compression: name, level, multipart } = grant.archive;
  const compression = parseCompression(name);
  if (compression === null)
    throw new Fault('bad-format', `nothing here can compress as '${name}', which the runner wants`);
  const { attempt, machine, client, signal } = upload;
  const ask = (first: number, count: number) =>
    client.requestParts(
      {
        attempt,
        machine,
        key,
        first,
        count,
        bucket: grant.bucket,
        uploadId: multipart?.uploadId ?? '',
      },
      { signal },
    );
  return {
    url,
    compression,
    level,
    multipart:
      multipart === null
        ? null
        : {
            partBytes: multipart.partBytes,
            addresses: new PartAddresses(multipart.parts, ask),
          },
  };
}

function finished(
  info: PathInfo,
  { url, archive, bucket }: UploadGrant,
  { fileHash, fileSize, parts, alreadyPresent }: PutArchive,
  { attempt, machine }: Uploader,
) {
  const { key, compression, multipart } = archive;
  return {
    attempt,
    machine,
    alreadyPresent,
    bucket,
    narinfo: { ...info, url, compression, fileHash, fileSize },
    multipart:
      multipart === null || parts === null
        ? null
        : {
            key,
            uploadId: multipart.uploadId,
            parts: parts
              .map(({ number, etag }) => ({ number, etag: etag.replaceAll('"', '') }))
              .sort((one, other) => one.number - other.number),
          },
  };
}

/** Null where the cache has the path by now. */
async function renewGrant(info: PathInfo, upload: DirectUpload): Promise<UploadGrant | null> {
  const [grant] = await requestGrants([info], upload);
  return grant ?? null;
}

async function requestGrants(
  closure: readonly PathInfo[],
  { attempt, machine, client, debugInfo, physicalDirectory, signal }: DirectUpload,
): Promise<readonly UploadGrant[]> {
  const buildIds = new Map<StorePath, readonly string[]>();
  if (debugInfo)
    await forEachInParallel(closure, offersAtOnce, async ({ path }) => {
      buildIds.set(path, await findBuildIds(join(physicalDirectory, path)));
    });
  const archives = closure.map(({ path, narHash, narSize }): OfferedArchive => ({
    path,
    narHash,
    narSize,
    debugBuildIds: buildIds.get(path) ?? [],
  }));
  const compressions = possibleCompressions();
  return client.requestUploads({ attempt, machine, archives, compressions }, { signal });
}

const unasked = (path: StorePath): Error =>
  new Error(`the runner asked for ${path}, which is not of this build`);
