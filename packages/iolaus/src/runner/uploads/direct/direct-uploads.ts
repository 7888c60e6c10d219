import { equalHashes } from '@iolaus/nix';
import type { Narinfo, StoreDirectory } from '@iolaus/nix';
import { atMost } from '../../../cache/at-most.ts';
import type { CompressionChoice } from '../../../cache/compression/compression.ts';
import { inTurn } from '../../../cache/in-turn.ts';
import {
  firstParts,
  isPutWhole,
  presignParts,
  presignWhole,
} from '../../../cache/presigned/open-archive.ts';
import type { BuilderId } from '../../../farm/identity.ts';
import { CallError } from '../../../protocol/call-error.ts';
import type {
  FinishedUpload,
  MultipartGrant,
  OfferedArchive,
  PartGrant,
  PartsRequest,
  UploadGrant,
  Uploader,
  UploadRequest,
} from '../../../protocol/direct-upload.ts';
import type { Attempts, LiveAttempt } from '../../attempts/attempts.ts';
import { ownAttempt } from '../../attempts/own-attempt.ts';
import type { Refusals } from '../../builders/refusals.ts';
import type { Derivations } from '../../store/derivations.ts';
import type { DirectCache } from './direct-cache.ts';
import { dropLeftovers } from './drop-leftovers.ts';
import { findOutput } from '../../attempts/find-output.ts';
import { newGranted, newGrantedPath } from './granted.ts';
import type { Granted, GrantedPath } from './granted.ts';
import type { Multiparts } from './multiparts.ts';
import { spareThere } from './spare-there.ts';
import { sealUpload } from './seal-upload.ts';
import type { SealOptions } from './seal-upload.ts';

export type DirectUploadsOptions = {
  readonly attempts: Attempts;
  readonly refusals: Refusals;
  readonly derivations: Pick<Derivations, 'read' | 'resolve'>;
  readonly storeDirectory: StoreDirectory;
  readonly multiparts: Multiparts;
  /** As it is now; null: nobody uploads himself. */
  readonly cache: () => DirectCache | null;
  /** Where what an attempt makes goes now. */
  readonly cacheFor: (live: LiveAttempt) => Promise<DirectCache | null>;
  /** Whether what builders put is signed without being read. */
  readonly trustsBuilders: () => boolean;
};

/** Each unpacks an archive: a core's work, and the memory of a codec. */
const readsAtOnce = 8;
/** No builder needs more addresses at a time. */
const partsAskedMax = 1_000;

/**
 * Lets builders put outputs of their attempts into the cache themselves, and signs them when they are there. Nothing that
 * a builder says is believed: what it may put follows from the derivation, and what it put is read.
 */
export class DirectUploads {
  readonly #options: DirectUploadsOptions;
  readonly #granted = new Map<LiveAttempt, Granted>();
  readonly #lookInTurn: SealOptions['lookInTurn'];

  constructor(options: DirectUploadsOptions) {
    this.#options = options;
    const alone = inTurn();
    const reading = atMost(readsAtOnce);
    this.#lookInTurn = (key, work) => alone(key, () => reading(work));
  }

  /** What is still to be put, and where. Each of these is asked by a builder, undefined for one that nobody knows. @throws CallError */
  async grant(request: UploadRequest, by: BuilderId | undefined): Promise<readonly UploadGrant[]> {
    const live = await this.#own(request, by);
    const place = await this.#options.cacheFor(live);
    if (place === null) throw new CallError('failed-precondition', 'no S3 store configured');
    await place.publishPaths([]);
    const { archives } = request;
    const { derivations } = this.#options;
    const isOutput = ({ path }: OfferedArchive): boolean =>
      findOutput(derivations, live.derivation, path) !== undefined;
    await dropLeftovers(place.cache, archives.filter(isOutput));
    await spareThere(place.cache, archives.filter(isOutput));
    const missing = new Set(
      await place.cache.presence.findMissing(archives.map(({ path }) => path)),
    );
    const wanted = archives.filter(({ path }) => missing.has(path));
    const outputs = wanted.filter(isOutput);
    const others = wanted.filter((offered) => !isOutput(offered));
    const granted = this.#grantedTo(live, place);
    granted.needs = place.publishPaths(others.map(({ path }) => path));
    granted.needs.catch(() => {});
    const packing = choosePacking(place, request);
    return Promise.all(outputs.map((offered) => this.#grantPath(granted, offered, packing)));
  }

  async grantParts(
    { first, count, ...request }: PartsRequest,
    by: BuilderId | undefined,
  ): Promise<readonly PartGrant[]> {
    const live = await this.#own(request, by);
    const granted = this.#granted.get(live);
    const upload = [...(granted?.paths.values() ?? [])]
      .map(({ multipart }) => multipart)
      .find((open) => open?.uploadId === request.uploadId && open.key === request.key);
    if (granted === undefined || upload === undefined || upload === null)
      throw this.#options.refusals.refuse(
        'unwanted-upload',
        `attempt ${request.attempt} uploads nothing as ${request.uploadId}`,
      );
    if (first < 1 || count < 1) throw new CallError('invalid-argument', 'parts count from 1');
    return presignParts(granted.place.client, upload, first, Math.min(count, partsAskedMax));
  }

  /** Resolves when everybody can fetch the path. May come again. @throws CallError, Fault */
  async finish(upload: FinishedUpload, by: BuilderId | undefined): Promise<void> {
    const live = await this.#own(upload, by);
    const granted = this.#granted.get(live);
    const path = granted?.paths.get(upload.narinfo.path);
    if (granted === undefined || path === undefined || !isAsGranted(upload.narinfo, path))
      throw this.#options.refusals.refuse(
        'unwanted-upload',
        `nobody asked for ${upload.narinfo.path} as it is said to be`,
      );
    path.sealing ??= this.#seal(granted, path, upload);
    await path.sealing;
  }

  /** The attempt is over: what it has not finished nobody will. */
  end(live: LiveAttempt): void {
    const granted = this.#granted.get(live);
    if (granted === undefined) return;
    this.#granted.delete(live);
    const over = new CallError('not-found', `attempt ${live.uuid} is over`);
    granted.ending.abort(over);
    for (const { sealed, multipart } of granted.paths.values()) {
      sealed.reject(over);
      if (multipart !== null) void this.#options.multiparts.abort(granted.place, multipart);
    }
  }

  async #seal(granted: Granted, path: GrantedPath, upload: FinishedUpload): Promise<void> {
    try {
      await sealUpload(granted, path, upload, { ...this.#options, lookInTurn: this.#lookInTurn });
      path.sealed.resolve();
    } catch (error) {
      // It may be put once more.
      path.sealing = null;
      throw error;
    }
  }

  async #grantPath(
    granted: Granted,
    claim: OfferedArchive,
    packing: CompressionChoice,
  ): Promise<UploadGrant> {
    const { place, paths } = granted;
    const fresh = newGrantedPath(claim, packing);
    const before = paths.get(claim.path);
    const path = before?.key === fresh.key ? before : fresh;
    paths.set(claim.path, path);
    const { key } = path;
    const isWhole = isPutWhole(place.client, claim);
    return {
      path: claim.path,
      url: key,
      listing: null,
      debugLinks: [],
      // Hydra's builders name any other bucket than the usual one in all that follows.
      bucket: place === this.#options.cache() ? null : place.client.place.bucket,
      archive: {
        key,
        ...packing,
        url: isWhole ? await presignWhole(place.client, key) : '',
        multipart: isWhole ? null : await this.#openMultipart(granted, path),
      },
    };
  }

  /** One that is open already goes on, with other addresses. */
  async #openMultipart({ place }: Granted, path: GrantedPath): Promise<MultipartGrant> {
    path.multipart ??= await this.#options.multiparts.begin(place, path.key);
    const { partBytes, count } = firstParts(place.client, path.claim);
    const parts = await presignParts(place.client, path.multipart, 1, count);
    return { uploadId: path.multipart.uploadId, partBytes, parts };
  }

  async #own({ attempt }: Uploader, by: BuilderId | undefined): Promise<LiveAttempt> {
    const live = ownAttempt(this.#options, attempt, by);
    await live?.isKnown;
    if (live !== undefined && this.#options.attempts.byUuid(attempt) === live) return live;
    throw new CallError('not-found', `attempt ${attempt} is over`);
  }

  #grantedTo(live: LiveAttempt, place: DirectCache): Granted {
    const before = this.#granted.get(live);
    if (before?.place === place) return before;
    if (before !== undefined) this.end(live);
    const granted = newGranted(live, place);
    this.#granted.set(live, granted);
    return granted;
  }
}

/** As the cache has it, unless the builder has not the program for that: Node.js alone is enough for zstd. */
function choosePacking({ cache }: DirectCache, { compressions }: UploadRequest): CompressionChoice {
  const { nar } = cache.settings;
  const isPossible = compressions.length === 0 || compressions.includes(nar.compression);
  return isPossible ? nar : { compression: 'zstd', level: null };
}

const isAsGranted = ({ url, narHash, narSize }: Narinfo, { key, claim }: GrantedPath): boolean =>
  url === key && equalHashes(narHash, claim.narHash) && narSize === claim.narSize;
