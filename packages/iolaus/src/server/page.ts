import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { writeFirstAnswers } from './first-answers.ts';
import type { FirstAnswers } from './first-answers.ts';
import { accepts } from './http/answer.ts';
import type { RequestContext } from './http/context.ts';
import { pagePolicy } from './http/headers.ts';

/** The page's files, ready to be sent. */
export type Page = {
  /** Sends the file at a path, if it is one of the page's; undefined if not. */
  answerFile(context: RequestContext): Response | undefined;
  /**
   * Sends the page itself, which looks into the address for what to show, and with it the answers to what it will ask
   * for first: half of the time until something is seen would pass before they came by themselves.
   */
  answerPage(context: RequestContext, status: number, first?: FirstAnswers): Promise<Response>;
};

type Asset = {
  readonly contentType: string;
  readonly tag: string;
  /** Its name changes with its content. */
  readonly isImmutable: boolean;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly br: Buffer;
};

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const compressGzip = promisify(gzip);
const compressBrotli = promisify(brotliCompress);

/** Where `npm run build --workspace @iolaus/web` puts the page. */
export function builtPageDirectory(): string {
  return join(dirname(fileURLToPath(import.meta.resolve('@iolaus/web/package.json'))), 'dist');
}

/** Reads the page from the folder it was built into. If it was not, each answer says so. */
export async function loadPage(directory: string): Promise<Page> {
  const assets = await loadAssets(directory);
  const index =
    assets.get('/index.html') ?? (await makeAsset('/missing.html', Buffer.from(missingPage)));
  const isBuilt = assets.has('/index.html');
  return {
    answerFile(context) {
      const asset = assets.get(context.req.path);
      return asset === undefined || asset === index ? undefined : answerAsset(context, asset, 200);
    },
    async answerPage(context, status, first = new Map()) {
      if (!isBuilt) return answerAsset(context, index, 500);
      if (first.size === 0) return answerAsset(context, index, status);
      const html = index.plain
        .toString()
        .replace('</body>', () => `${writeFirstAnswers(first)}</body>`);
      return answerAsset(context, await makeAsset('/index.html', Buffer.from(html), 4), status);
    },
  };
}

async function loadAssets(directory: string): Promise<ReadonlyMap<string, Asset>> {
  const names = await readdir(directory, { recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  const known = names.filter((name) => extname(name) in contentTypes);
  const loaded = known.map(async (name): Promise<[string, Asset]> => {
    const path = `/${name.split(sep).join('/')}`;
    return [path, await makeAsset(path, await readFile(join(directory, name)))];
  });
  return new Map(await Promise.all(loaded));
}

async function makeAsset(path: string, plain: Buffer, quality = 9): Promise<Asset> {
  return {
    contentType: contentTypes[extname(path)] ?? 'application/octet-stream',
    tag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    isImmutable: path.startsWith('/assets/'),
    plain,
    gzip: await compressGzip(plain, { level: quality }),
    // The best there is takes a second for a page like ours; this takes a hundredth and is as small to a percent.
    br: await compressBrotli(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }),
  };
}

function answerAsset(context: RequestContext, asset: Asset, status: number): Response {
  const { outgoing, incoming } = context.env;
  const encoding = accepts(context, 'br') ? 'br' : accepts(context, 'gzip') ? 'gzip' : 'plain';
  const headers = {
    'content-type': asset.contentType,
    'content-security-policy': pagePolicy,
    'cache-control': asset.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: asset.tag,
    vary: 'accept-encoding',
  };
  if (status === 200 && context.req.header('if-none-match') === asset.tag) {
    outgoing.writeHead(304, headers).end();
    return RESPONSE_ALREADY_SENT;
  }
  const bytes = asset[encoding];
  outgoing.writeHead(status, {
    ...headers,
    ...(encoding === 'plain' ? {} : { 'content-encoding': encoding }),
    'content-length': bytes.length,
  });
  outgoing.end(incoming.method === 'HEAD' ? undefined : bytes);
  return RESPONSE_ALREADY_SENT;
}

const missingPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Iolaus</title>
<h1>The page has not been built</h1>
<p>Run <code>npm run build --workspace @iolaus/web</code> and start the server again.
The API works without it: <a href="/api/v2/builds">/api/v2/builds</a>.</p>
</html>
`;
