import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readJsonFixture } from '../testing/fixture.ts';
import { NixFormatError } from '../format-error.ts';
import { computeHash, digestSize, equalHashes, makeHash, parseHash, printHash } from './hash.ts';
import { createHasher } from './hasher.ts';
import type { Hash } from './hash.ts';

type Vector = {
  readonly algo: 'md5' | 'sha1' | 'sha256' | 'sha512';
  readonly dataHex: string;
  readonly base16: string;
  readonly nix32: string;
  readonly base64: string;
  readonly sri: string;
};

const vectors = readJsonFixture<readonly Vector[]>('hashes.json');
const formats = ['base16', 'nix32', 'base64', 'sri'] as const;
const algorithms = ['md5', 'sha1', 'sha256', 'sha512', 'blake3'] as const;

const hashes: fc.Arbitrary<Hash> = fc.constantFrom(...algorithms).chain((algorithm) => {
  const size = digestSize(algorithm);
  return fc
    .uint8Array({ minLength: size, maxLength: size })
    .map((digest) => makeHash(algorithm, digest));
});

test('a hash is computed and printed as Nix does, in every format', () => {
  for (const vector of vectors) {
    const hash = computeHash(vector.algo, Buffer.from(vector.dataHex, 'hex'));
    for (const format of formats) assert.equal(printHash(hash, format), vector[format]);
  }
});

test('what is printed can be read again, in every format', () => {
  fc.assert(
    fc.property(hashes, fc.constantFrom(...formats), (hash, format) => {
      const text = printHash(hash, format);
      assert.ok(equalHashes(parseHash(text, hash.algorithm), hash));
      const named = format === 'sri' ? text : `${hash.algorithm}:${text}`;
      assert.ok(equalHashes(parseHash(named), hash));
    }),
  );
});

test('different digests and different algorithms are different hashes', () => {
  const one = computeHash('sha256', 'one');
  assert.equal(equalHashes(one, computeHash('sha256', 'other')), false);
  assert.equal(equalHashes(one, makeHash('blake3', one.digest)), false);
});

test('what is no hash is refused by a sentence that quotes it', () => {
  const hex = printHash(computeHash('sha256', ''), 'base16');
  const refused: readonly (readonly [string, Hash['algorithm'] | undefined])[] = [
    [hex, undefined],
    [`sha1:${hex}`, undefined],
    [`sha256:${hex}`, 'sha512'],
    [hex.replace('e', 'g'), 'sha256'],
    [hex.slice(1), 'sha256'],
    [`whirlpool:${hex}`, undefined],
    [`sha256-${hex}`, undefined],
    ['sha256-', undefined],
    ['', 'md5'],
  ];
  for (const [text, algorithm] of refused)
    assert.throws(
      () => parseHash(text, algorithm),
      (error) => error instanceof NixFormatError && error.message.includes("'"),
      text,
    );
});

test('a digest of another length than the algorithm makes is refused', () => {
  assert.throws(() => makeHash('sha256', new Uint8Array(31)), NixFormatError);
});

test('BLAKE3 is computed, at once and piece by piece, as are the others', () => {
  const empty = 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262';
  assert.equal(printHash(computeHash('blake3', ''), 'base16'), empty);
  for (const algorithm of algorithms) {
    const hasher = createHasher(algorithm);
    for (const piece of ['in ', 'three ', 'pieces']) hasher.update(Buffer.from(piece));
    assert.deepEqual(hasher.finish(), computeHash(algorithm, 'in three pieces'));
  }
});

test('an error says at which character of the hash it was found', () => {
  const sha256 = printHash(computeHash('sha256', ''), 'nix32');
  assert.throws(() => parseHash(`sha256:${sha256.slice(0, 9)}e${sha256.slice(10)}`), {
    offset: 16,
  });
  assert.throws(() => parseHash(`sha256:${'0'.repeat(63)}g`), { offset: 70 });
});
