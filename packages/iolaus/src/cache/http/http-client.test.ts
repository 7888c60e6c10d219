import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseBaseName, printNix32 } from '@iolaus/nix';
import { parseCacheAddress } from '../address/parse-address.ts';
import { openBinaryCache } from '../binary-cache.ts';
import { narinfoKey } from '../narinfos/narinfo-object.ts';

let folder: string;
let identity: { readonly key: string; readonly cert: string };

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const files = { key: join(folder, 'key'), cert: join(folder, 'cert') };
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      files.key,
      '-out',
      files.cert,
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
    ],
    { stdio: 'ignore' },
  );
  identity = { key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cert, 'utf8') };
});
after(() => rmSync(folder, { recursive: true }));

const paths = Array.from({ length: 500 }, (_, number) => {
  const digest = Buffer.alloc(20);
  digest.writeUInt32LE(number);
  return parseBaseName(`${printNix32(digest)}-path`);
});

/** A cache that has every second path, and what was seen of those who asked. */
async function serve(newest: 'HTTP/2' | 'HTTP/1.1') {
  const there = new Set(paths.filter((_, index) => index % 2 === 0).map(narinfoKey));
  const versions = new Set<string>();
  let connections = 0;
  let isBroken = false;
  const statusOf = (url = '/'): number => (isBroken ? 500 : there.has(url.slice(1)) ? 200 : 404);
  const server =
    newest === 'HTTP/2'
      ? createSecureServer(identity, ({ httpVersion, url }, response) => {
          versions.add(httpVersion);
          response.writeHead(statusOf(url)).end();
        })
      : createServer(identity, ({ httpVersion, url }, response) => {
          versions.add(httpVersion);
          response.writeHead(statusOf(url)).end();
        });
  server.on('secureConnection', () => void (connections += 1));
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const cache = openBinaryCache(parseCacheAddress(`https://localhost:${port}/`), {
    authorities: identity.cert,
    retries: { triesMax: 1, firstMilliseconds: 1, longestMilliseconds: 1 },
  });
  return {
    cache,
    versions,
    connections: () => connections,
    breakDown: () => void (isBroken = true),
    [Symbol.asyncDispose]: async () => {
      cache[Symbol.dispose]();
      server.close();
      await once(server, 'close');
    },
  };
}

const lacking = paths.filter((_, index) => index % 2 === 1);

test('many paths are asked for at once over few connections where a cache speaks HTTP/2', async () => {
  await using served = await serve('HTTP/2');
  assert.deepEqual(await served.cache.presence.findMissing(paths), lacking);
  assert.deepEqual([...served.versions], ['2.0']);
  assert.ok(served.connections() <= 5, `${served.connections()} connections`);
  served.breakDown();
  await assert.rejects(served.cache.presence.findMissing(lacking), { code: 'cache-unavailable' });
});

test('a cache that speaks HTTP/1.1 alone is asked in that', async () => {
  await using served = await serve('HTTP/1.1');
  assert.deepEqual(await served.cache.presence.findMissing(paths), lacking);
  assert.deepEqual([...served.versions], ['1.1']);
});
