import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NixFormatError } from '../format-error.ts';
import { fingerprint } from '../signature/fingerprint.ts';
import { parsePublicKey, parseSecretKey } from '../signature/key.ts';
import { isSignedBy, signText } from '../signature/signature.ts';
import { defaultStoreDirectory, storeDirectory } from '../store-path/store-path.ts';
import { readFixture } from '../testing/fixture.ts';
import { parseCacheInfo, printCacheInfo } from './cache-info.ts';
import { parseNarinfo } from './parse-narinfo.ts';
import { printNarinfo } from './print-narinfo.ts';

const directory = defaultStoreDirectory;
const files = globSync('cache/*.narinfo', {
  cwd: fileURLToPath(new URL('../../fixtures', import.meta.url)),
});
const withLog = readFixture('cache/2z02q2k1iqi62nfiks5lzbb7w1hq0l7d.narinfo').toString();

test('every narinfo is written byte for byte as it was read', () => {
  assert.ok(files.length >= 8);
  for (const file of files) {
    const bytes = readFixture(file);
    assert.deepEqual(printNarinfo(directory, parseNarinfo(directory, bytes)), bytes);
  }
});

test('every signature in the cache is true, and is made again with its key', () => {
  const trusted = [parsePublicKey(readFixture('keys/public.key').toString())];
  const secret = parseSecretKey(readFixture('keys/secret.key').toString());
  for (const file of files) {
    const narinfo = parseNarinfo(directory, readFixture(file));
    const text = fingerprint(directory, narinfo);
    assert.deepEqual(narinfo.signatures, [signText(secret, text)], file);
    assert.ok(isSignedBy(trusted, text, narinfo.signatures[0] ?? ''));
    const larger = fingerprint(directory, { ...narinfo, narSize: narinfo.narSize + 1 });
    assert.ok(!isSignedBy(trusted, larger, narinfo.signatures[0] ?? ''));
  }
});

test('what Nix lets pass passes: unknown keys, no compression, no file, no deriver, many spaces', () => {
  const lenient = withLog
    .replace(/Compression: .*\n/, 'System: x86_64-linux\n')
    .replace(/File(Hash|Size): .*\n/g, '')
    .replace(/References: (.*)/, 'References:   $1  $1 ')
    .replace(/Deriver: .*/, 'Deriver: unknown-deriver')
    .replace(/Sig: .*/, 'Sig: whatever');
  const narinfo = parseNarinfo(directory, Buffer.from(lenient));
  assert.equal(narinfo.compression, 'bzip2');
  assert.equal(narinfo.fileHash, null);
  assert.equal(narinfo.fileSize, null);
  assert.equal(narinfo.deriver, null);
  assert.equal(narinfo.references.length, 2);
  assert.deepEqual(narinfo.signatures, ['whatever']);
});

test('a hash in base 16 is as good, and is written in nix32', () => {
  const hex = withLog.replace(
    /NarHash: .*/,
    'NarHash: sha256:a0a138ceb0fbf4a6bece0496a72b930aaabdbfbb8edd4c1e9a534f04e2a21d79',
  );
  assert.equal(
    printNarinfo(directory, parseNarinfo(directory, Buffer.from(hex))).toString(),
    withLog,
  );
});

test('everything else is refused with the key and the byte', () => {
  const bad: readonly (readonly [string | RegExp, string, string])[] = [
    [/StorePath: .*\n/, '', 'StorePath'],
    [/URL: .*\n/, '', 'URL'],
    [/URL: .*/, 'URL: ', 'URL'],
    [/NarHash: .*\n/, '', 'NarHash'],
    ['NarSize: 168', 'NarSize: 0', 'NarSize'],
    ['NarSize: 168', 'NarSize: 9007199254740992', 'NarSize'],
    ['NarSize: 168', 'NarSize: -168', 'NarSize'],
    ['NarSize: 168', 'NarSize: 1e3', 'NarSize'],
    ['FileSize: 168', 'FileSize: 18446744073709551616', 'FileSize'],
    [/NarHash: sha256:.*/, `NarHash: sha1:${'0'.repeat(32)}`, 'NarHash'],
    ['/nix/store/2z02', '/gnu/store/2z02', 'StorePath'],
    [/References: .*/, 'References: /nix/store/x', 'References'],
    [/Deriver: .*/, 'Deriver: ../x.drv', 'Deriver'],
    ['URL: nar/', 'URL: nar\0/', 'URL'],
    ['URL: nar/', 'URL: nar/\u0007', 'URL'],
    ['NarSize: 168\n', 'NarSize: 168\nNarSize: 169\n', 'NarSize'],
    ['NarSize: 168\n', 'NarSize:168\n', 'narinfo'],
    ['NarSize: 168\n', 'NarSize: 168\n\n', 'narinfo'],
    [/\n$/, '', 'narinfo'],
  ];
  for (const [from, to, field] of bad) {
    const text = withLog.replace(from, to);
    assert.notEqual(text, withLog);
    assert.throws(
      () => parseNarinfo(directory, Buffer.from(text)),
      (error) => {
        assert.ok(error instanceof NixFormatError);
        assert.equal(error.field, field, text);
        assert.ok(error.offset !== null && error.offset <= text.length);
        return true;
      },
    );
  }
  const notUtf8 = Buffer.from(withLog.replace('URL: nar', 'URL: \u00ff'), 'latin1');
  assert.throws(() => parseNarinfo(directory, notUtf8), { field: 'URL', offset: 69 });
});

test('a narinfo cut off anywhere is refused', () => {
  const bytes = Buffer.from(withLog);
  // A signature, a deriver or a content address may be missing.
  const end = withLog.indexOf('Sig: ');
  for (let length = 0; length < bytes.length; length += 1) {
    if (length >= withLog.indexOf('References') && bytes[length - 1] === 0x0a) continue;
    assert.throws(() => parseNarinfo(directory, bytes.subarray(0, length)), NixFormatError);
  }
  assert.deepEqual(parseNarinfo(directory, bytes.subarray(0, end)).signatures, []);
});

test('what is larger than any narinfo is refused before it is read', () => {
  assert.throws(() => parseNarinfo(directory, Buffer.alloc(8 * 1024 * 1024 + 1)), /at most/);
});

test('a cache says what it is', () => {
  const bytes = readFixture('cache/nix-cache-info');
  const info = { storeDirectory: directory, wantMassQuery: false, priority: null };
  assert.deepEqual(parseCacheInfo(bytes), info);
  assert.deepEqual(printCacheInfo(info), bytes);
  const full = { storeDirectory: storeDirectory('/s'), wantMassQuery: true, priority: 40 };
  assert.equal(printCacheInfo(full).toString(), 'StoreDir: /s\nWantMassQuery: 1\nPriority: 40\n');
  assert.deepEqual(parseCacheInfo(printCacheInfo(full)), full);
  assert.deepEqual(parseCacheInfo(Buffer.from('Unknown: 1\n')), { ...info, storeDirectory: null });
  assert.throws(() => parseCacheInfo(Buffer.from('Priority: high\n')), {
    field: 'Priority',
    offset: 10,
  });
  assert.throws(() => parseCacheInfo(Buffer.from('StoreDir: nix\n')), {
    field: 'StoreDir',
    offset: 10,
  });
});
