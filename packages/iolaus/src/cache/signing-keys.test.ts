import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { generateSecretKey, printSecretKey } from '@iolaus/nix';
import { readSigningKeys } from './signing-keys.ts';

test('keys are read from files and from credentials of systemd, whatever white space is around them', async () => {
  await using folder = await openFolder();
  const keys = ['file-1', 'credential-1'].map(generateSecretKey);
  for (const [index, key] of keys.entries())
    await writeFile(join(folder.path, `key-${index}`), ` ${printSecretKey(key)}\n\n`);
  const environment = { CREDENTIALS_DIRECTORY: folder.path };
  const read = readSigningKeys([join(folder.path, 'key-0'), 'key-1'], environment);
  assert.deepEqual(read.map(printSecretKey), keys.map(printSecretKey));
});

test('a key that is not there, or is none, stops whoever wants to sign with it', async () => {
  await using folder = await openFolder();
  await writeFile(join(folder.path, 'none'), 'no key');
  const environment = { CREDENTIALS_DIRECTORY: folder.path };
  const refused = { code: 'bad-configuration' };
  assert.throws(() => readSigningKeys(['none'], environment), /no secret key/);
  assert.throws(() => readSigningKeys(['absent'], environment), refused);
  assert.throws(() => readSigningKeys(['key'], {}), /no credential 'key'/);
});

async function openFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'keys-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
