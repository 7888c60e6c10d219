import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { DaemonConnection, parseSecretKey, printStorePath, storePathDigest } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import { startServer } from '../server.ts';
import type { RunningServer } from '../server.ts';
import { ask } from '../testing/ask.ts';
import { serveScene, silentLogger } from '../testing/serve-scene.ts';
import { openStoreCache } from './store-cache.ts';

const run = promisify(execFile);

/** A key as Nix keeps it: name, colon, and in base 64 the seed with the public half behind it. */
function makeKey(name: string): { readonly secret: string; readonly trusted: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32);
  const open = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const secret = Buffer.concat([seed, open]).toString('base64');
  return { secret: `${name}:${secret}`, trusted: `${name}:${open.toString('base64')}` };
}

// In a suite, so that the server is gone before its store and its database.
suite('the store as a binary cache', () => {
  const resources = new AsyncDisposableStack();
  const key = makeKey('farm-1');
  let server: RunningServer;
  let path: StorePath;
  let storePath: string;

  before(async () => {
    const daemon = resources.use(await startPrivateDaemon());
    const served = resources.use(await serveScene());
    const cache = resources.use(openStoreCache(daemon.address, [parseSecretKey(key.secret)]));
    server = resources.use(
      await startServer({
        ...served,
        storeCache: cache,
        host: '127.0.0.1',
        port: 0,
        logger: silentLogger(),
      }),
    );
    await using connection = await DaemonConnection.connect(daemon.address);
    const referred = await connection.addTextToStore('referred', Buffer.from('other'), []);
    const text = Buffer.from(
      `${printStorePath(daemon.address.storeDirectory, referred)}\n`.repeat(99),
    );
    path = await connection.addTextToStore('text', text, [referred]);
    storePath = printStorePath(daemon.address.storeDirectory, path);
  });
  after(() => resources.disposeAsync());

  test('Nix takes from it what is signed, with all that it needs', async () => {
    await using emptied = new AsyncDisposableStack();
    const folder = emptied.adopt(await mkdtemp(join(tmpdir(), 'nix-')), (made) =>
      rm(made, { recursive: true }),
    );
    const directory = storePath.replace(/\/[^/]+$/, '');
    const from = `${server.url}?store=${directory}`;
    const to = `local?root=${folder}&store=${directory}`;
    const options = ['--extra-experimental-features', 'nix-command', '--option'];
    await run(
      'nix',
      [
        ...options,
        'trusted-public-keys',
        key.trusted,
        'copy',
        '--from',
        from,
        '--to',
        to,
        storePath,
      ],
      {
        env: { ...process.env, NIX_REMOTE: '', HOME: folder, NIX_CONFIG: 'build-users-group =' },
      },
    );
    const copied = await readFile(join(folder, 'nix', 'store', path), 'utf8');
    assert.match(copied, /^(.*-referred\n){99}$/);
  });

  test('what is not there, or is called otherwise, is not found', async () => {
    const digest = storePathDigest(path);
    for (const address of [
      `/${'0'.repeat(32)}.narinfo`,
      `/nar/${digest}-other.nar.zst`,
      `/nar/${'0'.repeat(32)}-text.nar.zst`,
    ]) {
      assert.equal((await ask(server.url, address)).status, 404, address);
    }
    const { status, text } = await ask(server.url, `/${digest}.narinfo`, { method: 'HEAD' });
    assert.deepEqual([status, text], [200, '']);
    assert.match(
      (await ask(server.url, '/nix-cache-info')).text,
      /^StoreDir: .*\nPriority: 100\n$/,
    );
  });
});
