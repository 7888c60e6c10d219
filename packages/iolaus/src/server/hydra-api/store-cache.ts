import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { DaemonError, DaemonPool, printCacheInfo, printNarinfo } from '@iolaus/nix';
import type { DaemonAddress, PathInfo, SecretKey } from '@iolaus/nix';
import { signNarinfo } from '../../cache/narinfos/sign-narinfo.ts';
import { ApiError, notFound } from '../http/api-error.ts';
import type { RequestContext } from '../http/context.ts';
import { ignoreDeparture } from '../http/send-file.ts';
import type { App } from './routes.ts';

/** The farm's own store, given out as a binary cache. */
export type StoreCache = AsyncDisposable & {
  readonly address: DaemonAddress;
  readonly pool: DaemonPool;
  readonly keys: readonly SecretKey[];
};

// As many archives are sent at once as a small server can compress; the rest waits.
const connectionsMax = 8;

export function openStoreCache(address: DaemonAddress, keys: readonly SecretKey[]): StoreCache {
  const pool = new DaemonPool(address, { limit: connectionsMax });
  return { address, pool, keys, [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose]() };
}

// As Hydra has them: other caches are asked first, and nobody asks for thousands.
const priority = 100;
const wantMassQuery = false;
// What a path is never changes; that it is not there may.
const foundHeader = { 'cache-control': 'public, max-age=86400' };
const hash = '[0-9abcdfghijklmnpqrsvwxyz]{32}';

/** `/nix-cache-info`, narinfos and archives, which are compressed while they are sent. */
export function addStoreCacheRoutes(app: App, store: StoreCache): void {
  const { storeDirectory } = store.address;
  app.get('/nix-cache-info', (context) => {
    const info = printCacheInfo({ storeDirectory, wantMassQuery, priority });
    return answerBytes(context, 'text/x-nix-cache-info', info);
  });
  app.get(`/:file{${hash}\\.narinfo}`, async (context) => {
    const info = await findPath(store, context.req.param('file').slice(0, 32));
    const narinfo = signNarinfo(
      storeDirectory,
      {
        ...info,
        url: `nar/${info.path}.nar.zst`,
        compression: 'zstd',
        fileHash: null,
        fileSize: null,
      },
      store.keys,
    );
    const bytes = printNarinfo(storeDirectory, narinfo);
    return answerBytes(context, 'text/x-nix-narinfo', bytes);
  });
  app.get(`/nar/:file{${hash}-.+\\.nar\\.zst}`, async (context) => {
    const file = context.req.param('file');
    const info = await findPath(store, file.slice(0, 32));
    if (file !== `${info.path}.nar.zst`) throw notFound(`There is no “${file}” here.`);
    return sendArchive(context, store, info);
  });
}

async function findPath({ pool }: StoreCache, digest: string): Promise<PathInfo> {
  const found = await askStore(() =>
    pool.use(async (daemon) => {
      const path = await daemon.queryPathFromHashPart(digest);
      return path === null ? null : daemon.queryPathInfo(path);
    }),
  );
  if (found === null) throw notFound(`The store has no path that begins with ${digest}.`);
  return found;
}

async function askStore<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    throw new ApiError(503, 'store-unreachable', 'The store does not answer.');
  }
}

function answerBytes(context: RequestContext, contentType: string, bytes: Buffer): Response {
  const { incoming, outgoing } = context.env;
  const headers = { 'content-type': contentType, 'content-length': bytes.length, ...foundHeader };
  outgoing.writeHead(200, headers).end(incoming.method === 'HEAD' ? undefined : bytes);
  return RESPONSE_ALREADY_SENT;
}

const quickly = { [constants.ZSTD_c_compressionLevel]: 1 };
const pieceBytes = 256 * 1024;

async function sendArchive(
  context: RequestContext,
  { pool }: StoreCache,
  { path, narSize }: PathInfo,
): Promise<Response> {
  const { incoming, outgoing } = context.env;
  const headers = { 'content-type': 'application/x-nix-nar', ...foundHeader };
  if (incoming.method === 'HEAD') {
    outgoing.writeHead(200, headers).end();
    return RESPONSE_ALREADY_SENT;
  }
  await askStore(() =>
    pool.use((daemon) => {
      const compress = createZstdCompress({ params: quickly, chunkSize: pieceBytes });
      outgoing.writeHead(200, headers);
      return pipeline(daemon.narFromPath(path, narSize), compress, outgoing).catch(ignoreDeparture);
    }),
  );
  return RESPONSE_ALREADY_SENT;
}
