import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  computeHash,
  derivationPath,
  generateSecretKey,
  parseBaseName,
  printSecretKey,
} from '@iolaus/nix';
import type { OutputKey } from '@iolaus/nix';
import { parseCacheAddress } from '../address/parse-address.ts';
import { openBinaryCache } from '../binary-cache.ts';
import type { BinaryCache } from '../binary-cache.ts';
import { findRealisation, publishRealisation } from './realisation-object.ts';

const byPath: OutputKey = {
  type: 'derivation-path',
  derivation: derivationPath(`${'1'.repeat(32)}-x.drv`),
  output: 'out',
};
const byHash: OutputKey = {
  type: 'derivation-hash',
  hash: computeHash('sha256', Buffer.from('x')),
  output: 'out',
};
const first = parseBaseName(`${'2'.repeat(32)}-x`);
const second = parseBaseName(`${'3'.repeat(32)}-x`);

type Opened = AsyncDisposable & {
  readonly folder: string;
  readonly open: (key: string) => BinaryCache;
};

async function openFolder(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'cache-'));
  const opened = new AsyncDisposableStack();
  opened.defer(() => rm(folder, { recursive: true }));
  const open = (name: string): BinaryCache => {
    const parameters = name === '' ? '' : `?secret-key=${join(folder, name)}`;
    return opened.use(openBinaryCache(parseCacheAddress(`file://${folder}${parameters}`)));
  };
  for (const name of ['ours', 'theirs'])
    await writeFile(join(folder, name), printSecretKey(generateSecretKey(name)), { mode: 0o600 });
  return { folder, open, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

test('a realisation is found under the names of both layouts', async () => {
  await using opened = await openFolder();
  const cache = opened.open('ours');
  await publishRealisation(cache, { key: byPath, path: first });
  await publishRealisation(cache, { key: byHash, path: second });
  assert.equal(await findRealisation(cache, [byPath]), first);
  assert.equal(await findRealisation(cache, [{ ...byPath, output: 'dev' }, byHash]), second);
  const file = join(opened.folder, `build-trace-v2/${byPath.derivation}/out.doi`);
  assert.match(await readFile(file, 'utf8'), /"keyName":"ours"/);
});

test('what nobody vouches for does not count where somebody should', async () => {
  await using opened = await openFolder();
  await publishRealisation(opened.open('theirs'), { key: byPath, path: first });
  assert.equal(await findRealisation(opened.open('ours'), [byPath]), null);
  assert.equal(await findRealisation(opened.open(''), [byPath]), first);
});

test('the first choice stays for as long as the cache has it', async () => {
  await using opened = await openFolder();
  const cache = opened.open('ours');
  await publishRealisation(cache, { key: byPath, path: first });
  cache.presence.note(first);
  await publishRealisation(cache, { key: byPath, path: second });
  assert.equal(await findRealisation(cache, [byPath]), first);
  cache.presence.forget(first);
  await publishRealisation(cache, { key: byPath, path: second });
  assert.equal(await findRealisation(cache, [byPath]), second);
});

test('a damaged realisation is told of by its name', async () => {
  await using opened = await openFolder();
  const folder = join(opened.folder, `build-trace-v2/${byPath.derivation}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'out.doi'), '{');
  await assert.rejects(findRealisation(opened.open('ours'), [byPath]), {
    code: 'cache-damaged',
    message: /out\.doi .* is no realisation/,
  });
});
