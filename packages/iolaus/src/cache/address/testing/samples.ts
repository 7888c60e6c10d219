import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashPath, parseBaseName } from '@iolaus/nix';
import type { PathInfo, StorePath } from '@iolaus/nix';
import { openBinaryCache, prepareCache } from '../../binary-cache.ts';
import { fromStoreFolder, Publisher } from '../../publish/publisher.ts';
import { fakeEnvironment } from '../../testing/fake-credentials.ts';
import type { FakeObject } from '../../testing/fake-bucket.ts';
import { startFakeS3 } from '../../testing/fake-s3.ts';
import type { SeenRequest } from '../../testing/faulty-server.ts';
import { writeObject } from '../../write-object.ts';
import { parseCacheAddress } from '../parse-address.ts';

/** What came to S3. */
export type Sent = {
  readonly requests: readonly SeenRequest[];
  readonly objects: ReadonlyMap<string, FakeObject>;
  /** An object as it was sent. */
  readonly bytes: (pattern: RegExp) => Buffer;
};

export type SendOptions = {
  readonly region?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** `program` where nothing is said. */
  readonly info?: PathInfo;
};

/** Paths to publish, at addresses with whatever parameters. */
export type Samples = AsyncDisposable & {
  readonly folder: string;
  /** Has debug symbols, and some text. */
  readonly program: PathInfo;
  /** Six MB that do not compress. */
  readonly noise: PathInfo;
  /** Publishes a path, all that describes it, and a log. */
  readonly send: (parameters: string, options?: SendOptions) => Promise<Sent>;
};

const retries = { triesMax: 1, firstMilliseconds: 1, longestMilliseconds: 1 };

export async function makeSamples(): Promise<Samples> {
  const folder = await mkdtemp(join(tmpdir(), 'samples-'));
  const program = await describe(folder, await makeProgram(folder));
  const large = parseBaseName(`${'1'.repeat(32)}-noise`);
  await writeFile(join(folder, large), randomBytes(6 * 2 ** 20));
  const send = (parameters: string, options: SendOptions = {}): Promise<Sent> =>
    publish(folder, parameters, { region: 'us-east-1', info: program, ...options });
  return {
    folder,
    program,
    send,
    noise: await describe(folder, large),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function makeProgram(folder: string): Promise<StorePath> {
  const path = parseBaseName(`${'0'.repeat(32)}-program`);
  const symbols = join(folder, path, 'lib/debug/.build-id/ab');
  await mkdir(symbols, { recursive: true });
  await writeFile(join(symbols, 'cdef.debug'), 'symbols');
  const numbers = Array.from({ length: 10_000 }, (_, number) => number ** 2);
  await writeFile(join(folder, path, 'text'), numbers.join());
  return path;
}

async function describe(folder: string, path: StorePath): Promise<PathInfo> {
  const { hash: narHash, size: narSize } = await hashPath(join(folder, path));
  return {
    path,
    deriver: null,
    narHash,
    narSize,
    references: [],
    contentAddress: null,
    registrationTime: 0,
    ultimate: true,
    signatures: [],
  };
}

async function publish(
  folder: string,
  parameters: string,
  options: SendOptions & { readonly region: string; readonly info: PathInfo },
): Promise<Sent> {
  const { region, info, environment = fakeEnvironment } = options;
  await using fake = await startFakeS3({ region });
  const address = parseCacheAddress(`s3://cache?endpoint=${fake.endpoint}&${parameters}`);
  using cache = openBinaryCache(address, { environment, retries });
  await prepareCache(cache);
  await new Publisher(cache).publish([info], fromStoreFolder(folder));
  const log = { contentType: 'text/plain', choice: cache.settings.log };
  await writeObject(cache.objects, 'log/x.drv', Buffer.from('said'), log);
  const { objects } = fake.bucket;
  const bytes = (pattern: RegExp): Buffer =>
    [...objects].find(([key]) => pattern.test(key))?.[1].bytes ?? assert.fail(String(pattern));
  return { requests: fake.requests, objects, bytes };
}
