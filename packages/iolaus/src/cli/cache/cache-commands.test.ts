import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseCacheAddress } from '../../cache/address/parse-address.ts';
import { openBinaryCache, prepareCache } from '../../cache/binary-cache.ts';
import { fromStoreFolder, Publisher } from '../../cache/publish/publisher.ts';
import { buildStore } from '../../cache/testing/built-store.ts';
import type { BuiltStore } from '../../cache/testing/built-store.ts';
import { runIolaus } from '../../testing/iolaus-process.ts';

let store: BuiltStore;
before(async () => void (store = await buildStore()));
after(() => store[Symbol.asyncDispose]());

const run = (...parameters: readonly string[]): ReturnType<typeof runIolaus> =>
  runIolaus(['cache', ...parameters]);

const addressOf = (name: string, key = 0): string =>
  `file://${join(store.folder, name)}?compression=zstd&store=${store.daemon.address.storeDirectory}&secret-key=${store.keyFiles[key] ?? ''}`;

async function publish(name: string, address = addressOf(name)): Promise<string> {
  using cache = openBinaryCache(parseCacheAddress(address));
  await prepareCache(cache);
  await new Publisher(cache).publish(
    store.closure,
    fromStoreFolder(store.daemon.address.storeDirectory),
  );
  return address;
}

test('a cache that is right is found so, with everything read', async () => {
  const address = await publish('right');
  const { status, stdout } = await run(
    'verify',
    '--read',
    '--json',
    '--trusted-public-keys',
    store.publicKeys[0] ?? '',
    address,
  );
  assert.deepEqual(JSON.parse(stdout), { narinfos: store.closure.length, flaws: [] });
  assert.equal(status, 0);
});

test('each thing that can be wrong is told', async () => {
  const address = await publish('wrong');
  const folder = join(store.folder, 'wrong');
  const narinfos = (await readdir(folder)).filter((file) => file.endsWith('.narinfo'));
  const nars = await readdir(join(folder, 'nar'));
  const told = async (...more: readonly string[]): Promise<string[]> => {
    const { status, stdout } = await run('verify', '--json', ...more, address);
    assert.equal(status, 1);
    return JSON.parse(stdout).flaws.map(({ type }: { readonly type: string }) => type);
  };
  assert.deepEqual(
    await told('--trusted-public-keys', store.publicKeys[1] ?? ''),
    narinfos.map(() => 'unsigned'),
  );
  const nar = join(folder, 'nar', nars[0] ?? '');
  const bytes = await readFile(nar);
  await writeFile(nar, Buffer.alloc(bytes.length));
  assert.deepEqual(await told('--read'), ['archive-untrue']);
  await writeFile(nar, 'short');
  assert.deepEqual(await told(), ['archive-of-other-size']);
  await rm(nar);
  assert.deepEqual(await told(), ['archive-missing']);
  await writeFile(join(folder, narinfos[0] ?? ''), 'nonsense');
  assert.ok((await told()).includes('unreadable'));
});

test('what is copied to another cache is verified there, and signed by its keys besides', async () => {
  const from = await publish('from');
  const to = addressOf('to', 1);
  const full = `${store.daemon.address.storeDirectory}/${store.path}`;
  const copied = await run('copy', '--json', from, to, full);
  assert.deepEqual(JSON.parse(copied.stdout), {
    paths: store.closure.length,
    copied: store.closure.length,
  });
  for (const key of store.publicKeys)
    assert.equal((await run('verify', '--read', '--trusted-public-keys', key, to)).status, 0);
  assert.match((await run('copy', from, to, full)).stdout, /^0 of/);
});

test('keys are exchanged in a cache whose narinfos are trusted, and only there', async () => {
  await publish('rotated');
  const address = addressOf('rotated', 1);
  const [first = '', second = ''] = store.publicKeys;
  const stranger = await run('sign', '--json', '--trusted-public-keys', second, address);
  assert.deepEqual(JSON.parse(stranger.stdout), {
    signed: 0,
    unchanged: 0,
    untrusted: store.closure.length,
  });
  const signed = await run(
    'sign',
    '--json',
    '--trusted-public-keys',
    first,
    '--drop',
    'first-1',
    address,
  );
  assert.equal(JSON.parse(signed.stdout).signed, store.closure.length);
  assert.equal((await run('verify', '--trusted-public-keys', second, address)).status, 0);
  assert.equal((await run('verify', '--trusted-public-keys', first, address)).status, 1);
});

test('what a cache holds is counted', async () => {
  const counts = JSON.parse((await run('stats', '--json', await publish('counted'))).stdout);
  assert.equal(counts.narinfos.count, store.closure.length);
  assert.equal(counts.archives.count, store.closure.length);
});

test('a verification that was broken off goes on where it was', async () => {
  const address = await publish('resumed');
  const file = join(store.folder, 'resume');
  const walk = `a verification of file://${join(store.folder, 'resumed')}, keys trusted: none`;
  await writeFile(file, JSON.stringify({ walk, after: 'zzz', count: 7, findings: [] }));
  const otherwise = await run('verify', '--read', '--resume', file, address);
  assert.equal(otherwise.status, 2);
  assert.match(otherwise.stderr, /where to go on with a verification of .* with --read/);
  const { stdout } = await run('verify', '--json', '--resume', file, address);
  assert.deepEqual(JSON.parse(stdout), { narinfos: 7, flaws: [] });
  await writeFile(file, 'something else');
  assert.equal((await run('verify', '--resume', file, address)).status, 2);
});

test('what is no cache, no key or no path is refused, and named', async () => {
  const nowhere = join(store.folder, 'nowhere');
  for (const command of ['verify', 'stats'])
    assert.match((await run(command, nowhere)).stderr, /nowhere is no binary cache/);
  const address = await publish('misused');
  for (const words of [
    ['verify', '--trusted-public-keys', 'nonsense', address],
    ['copy', address, nowhere, '/nix/store/nonsense'],
    ['gc', '--root', 'nonsense', address],
  ])
    assert.equal((await run(...words)).status, 2, words.join(' '));
});

test('keys that systemd gives are exchanged: Nix, which wants signatures, trusts both, then the new one alone', async () => {
  process.env['CREDENTIALS_DIRECTORY'] = store.folder;
  const place = `file://${join(store.folder, 'exchanged')}`;
  const addressWith = (keys: string): string =>
    `${place}?compression=zstd&store=${store.daemon.address.storeDirectory}&secret-keys=${keys}`;
  const [old = '', fresh = ''] = store.publicKeys;
  await publish('exchanged', addressWith('key-0'));
  await store.fetchWithNix('realise', place, old);
  await assert.rejects(store.fetchWithNix('realise', place, fresh), /nix-store --realise/);
  const trusting = ['sign', '--trusted-public-keys', old];
  assert.equal((await run(...trusting, addressWith('key-0,key-1'))).status, 0);
  for (const key of [old, fresh]) await store.fetchWithNix('copy', place, key);
  assert.equal((await run(...trusting, '--drop', 'first-1', addressWith('key-1'))).status, 0);
  await store.fetchWithNix('realise', place, fresh);
  await assert.rejects(store.fetchWithNix('realise', place, old), /nix-store --realise/);
  const { stderr, status } = await run(...trusting, addressWith(''));
  assert.match(stderr, /names no key to sign with/);
  assert.equal(status, 2);
});
