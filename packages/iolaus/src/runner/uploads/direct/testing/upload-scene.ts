import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultStoreDirectory, derivationPath } from '@iolaus/nix';
import type { PathInfo } from '@iolaus/nix';
import { parseCacheAddress } from '../../../../cache/address/parse-address.ts';
import { openBinaryCache, prepareCache } from '../../../../cache/binary-cache.ts';
import type { BinaryCache } from '../../../../cache/binary-cache.ts';
import { abortMultipart, createMultipart } from '../../../../cache/objects/s3/multipart.ts';
import type { S3Client } from '../../../../cache/objects/s3/s3-client.ts';
import { S3Store } from '../../../../cache/objects/s3/s3-store.ts';
import { archiveHeaders } from '../../../../cache/presigned/open-archive.ts';
import { noSweeps } from '../../../../cache/sweeps.ts';
import type { Sweeps } from '../../../../cache/sweeps.ts';
import { openTestS3 } from '../../../../cache/testing/test-s3.ts';
import type { TestS3 } from '../../../../cache/testing/test-s3.ts';
import { verifyCache } from '../../../../cache/testing/verify-cache.ts';
import { openUplink, uploadDirectly } from '../../../../builder/uploads/upload-directly.ts';
import type { UploadTarget } from '../../../../builder/uploads/upload-directly.ts';
import { systemClock } from '../../../../clock/system-clock.ts';
import { attemptNumber, buildId, builderId } from '../../../../farm/identity.ts';
import type { BuilderId } from '../../../../farm/identity.ts';
import { createLogger } from '../../../../logging/logger.ts';
import { CallError } from '../../../../protocol/call-error.ts';
import type { CallOptions } from '../../../../protocol/client/runner-client.ts';
import type { Uploader } from '../../../../protocol/direct-upload.ts';
import { asCallError } from '../../../../protocol/call/status.ts';
import { parseMachineUuid } from '../../../../protocol/identity.ts';
import type { MachineUuid } from '../../../../protocol/identity.ts';
import { Attempts } from '../../../attempts/attempts.ts';
import type { LiveAttempt } from '../../../attempts/attempts.ts';
import { Refusals } from '../../../builders/refusals.ts';
import { DirectUploads } from '../direct-uploads.ts';
import { makeOutputs } from './made-outputs.ts';
import type { OutputOptions } from './made-outputs.ts';

const retries = { triesMax: 3, firstMilliseconds: 1, longestMilliseconds: 2 };

/** Two outputs of an attempt, one of them in parts, where the large one refers to the small one; and who takes them. */
export type UploadScene = AsyncDisposable & {
  readonly s3: TestS3;
  readonly cache: BinaryCache;
  readonly client: S3Client;
  /** Of the runner that works now. */
  readonly uploads: DirectUploads;
  /** Another runner comes, which knows of attempts and of nothing else. */
  restart(): void;
  readonly live: LiveAttempt;
  readonly machine: MachineUuid;
  readonly infos: { readonly small: PathInfo; readonly large: PathInfo };
  /** Where the outputs lie. */
  readonly folder: string;
  /** Does all of it as a builder does. */
  upload(infos?: readonly PathInfo[], by?: Holder, signal?: AbortSignal): Promise<void>;
  /** Another attempt at the same derivation, by another builder. */
  rival(): Holder;
  /** How many paths the cache shows; all that it says of them is true. */
  verify(): Promise<number>;
};

/** Who holds an attempt. */
export type Holder = { readonly live: LiveAttempt; readonly machine: MachineUuid };

export type SceneOptions = OutputOptions & {
  readonly parameters?: string;
  readonly trusts?: boolean;
  /** Between builder and runner. */
  readonly change?: (target: UploadTarget) => UploadTarget;
  readonly sweeps?: Sweeps;
  /** Instead of the usual one; the scene closes it. */
  readonly s3?: TestS3;
  /** What the runner takes the time to be, in milliseconds. */
  readonly now?: () => number;
  /** After which a server is given up. */
  readonly silentMilliseconds?: number;
};

export async function openUploadScene(options: SceneOptions = {}): Promise<UploadScene> {
  const { parameters = 'compression=none', trusts = false, change = (target) => target } = options;
  const { now = Date.now } = options;
  await using opening = new AsyncDisposableStack();
  const s3 = opening.use(options.s3 ?? (await openTestS3()));
  const { environment } = s3;
  const { silentMilliseconds = s3.silentMilliseconds } = options;
  const folder = opening.adopt(await mkdtemp(join(tmpdir(), 'upload-')), (path) =>
    rm(path, { recursive: true }),
  );
  const address = `${s3.address}&${parameters}`;
  const cache = opening.use(
    openBinaryCache(parseCacheAddress(address), {
      retries,
      environment,
      silentMilliseconds,
      now,
      sweeps: options.sweeps ?? noSweeps,
    }),
  );
  const { objects } = cache;
  assert.ok(objects instanceof S3Store);
  const { client } = objects;
  const { small, large, derivations } = await makeOutputs(folder, options);
  const attempts = new Attempts(randomUUID, systemClock);
  const builders = new Map<MachineUuid, BuilderId>();
  const begin = (builder: string): Holder => {
    const machine = parseMachineUuid(randomUUID()) ?? assert.fail();
    const live = begun(attempts, builder);
    builders.set(machine, live.builder);
    return { live, machine };
  };
  const first = begin('ares');
  const start = (): DirectUploads =>
    new DirectUploads({
      attempts,
      storeDirectory: defaultStoreDirectory,
      trustsBuilders: () => trusts,
      refusals: new Refusals(quiet),
      derivations,
      multiparts: {
        begin: (_, key) => createMultipart(client, key, archiveHeaders(client)),
        ended: async () => {},
        abort: (_, upload) => abortMultipart(client, upload).catch(() => {}),
      },
      cache: () => place,
      cacheFor: async () => place,
    });
  let uploads = start();
  const place = { address, cache, client, publishPaths: () => prepareCache(cache) };
  const uplink = opening.use(openUplink({ retries, silentMilliseconds }));
  const target = change(targetOf(() => uploads, builders));
  const open = opening.move();
  return {
    ...first,
    s3,
    cache,
    client,
    folder,
    infos: { small, large },
    get uploads() {
      return uploads;
    },
    restart: () => void (uploads = start()),
    upload: (infos = [small, large], { live, machine } = first, signal) =>
      uploadDirectly(infos, {
        attempt: live.uuid,
        machine,
        client: target,
        uplink,
        physicalDirectory: folder,
        debugInfo: false,
        signal: signal ?? new AbortController().signal,
      }),
    rival: () => begin('hector'),
    verify: () => verifyCache(cache),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** What happens to answers on the way from the runner to a builder, who may not wait for them any more. */
function targetOf(
  uploads: () => DirectUploads,
  builders: ReadonlyMap<MachineUuid, BuilderId>,
): UploadTarget {
  const by = ({ machine }: Uploader): BuilderId | undefined => builders.get(machine);
  const overTheWire = async <Result>(
    answer: Promise<Result>,
    { signal }: CallOptions = {},
  ): Promise<Result> => {
    const gone = Promise.withResolvers<never>();
    const leave = (): void => gone.reject(new CallError('cancelled', 'the builder is gone'));
    signal?.addEventListener('abort', leave);
    if (signal?.aborted === true) leave();
    try {
      return await Promise.race([answer, gone.promise]);
    } catch (error) {
      throw asCallError(error);
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  };
  return {
    requestUploads: (request, options) =>
      overTheWire(uploads().grant(request, by(request)), options),
    requestParts: (request, options) =>
      overTheWire(uploads().grantParts(request, by(request)), options),
    finishUpload: (upload, options) => overTheWire(uploads().finish(upload, by(upload)), options),
  };
}

let attemptsBegun = 0;

function begun(attempts: Attempts, builder: string): LiveAttempt {
  attemptsBegun += 1;
  const attempt = attemptNumber(attemptsBegun);
  attempts.add({
    attempt,
    builder: builderId(builder),
    hostname: builder,
    build: buildId(1),
    startedAt: 0,
    maxSilentSeconds: 0,
    timeoutSeconds: 0,
    isGranted: false,
    derivation: derivationPath(`${'0'.repeat(32)}-program.drv`),
  });
  return attempts.byNumber(attempt) ?? assert.fail();
}

const quiet = createLogger({
  program: 'test',
  level: 'error',
  destination: { isTerminal: false, write: () => {} },
});
