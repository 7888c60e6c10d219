import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseBaseName } from '../store-path/store-path.ts';
import type { StorePath } from '../store-path/store-path.ts';
import { inPieces } from '../testing/in-pieces.ts';
import { ReferenceScanner } from './reference-scanner.ts';

const one = parseBaseName('00bgd045z0d4icpbc2yyz4gx48ak44la-net-tools-1.60');
const other = parseBaseName('zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz-last');

function scan(candidates: readonly StorePath[], chunks: Iterable<Uint8Array>): StorePath[] {
  const scanner = new ReferenceScanner(candidates);
  for (const chunk of chunks) scanner.push(chunk);
  return [...scanner.found].sort();
}

test('a path is found by its digits alone, wherever they stand', () => {
  const digest = one.slice(0, 32);
  for (const text of [digest, `/nix/store/${one}/bin`, `0${digest}`, `${digest}0`, `e${digest}e`])
    assert.deepEqual(scan([one, other], [Buffer.from(text)]), [one], text);
});

test('upper case, a digit too few, and digits with a gap are no reference', () => {
  const digest = one.slice(0, 32);
  for (const text of [
    digest.toUpperCase(),
    digest.slice(1),
    `${digest.slice(0, 16)} ${digest.slice(16)}`,
  ])
    assert.deepEqual(scan([one], [Buffer.from(text)]), []);
});

test('a digest is found across any borders of chunks', () => {
  const text = Buffer.from(`some text ${one} and ${other}`);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 33 })), (sizes) => {
      assert.deepEqual(scan([one, other], inPieces(text, sizes)), [one, other]);
    }),
  );
});

test('it finds exactly what a search for each digest finds', () => {
  const digest = fc
    .array(fc.constantFrom('0', '1', '2'), { minLength: 32, maxLength: 32 })
    .map((chosen) => parseBaseName(`${chosen.join('')}-x`));
  // Few digits, so that runs of them often almost fit.
  const noise = fc.string({ unit: fc.constantFrom('0', '1', '2', 'e', '/', '\0') });
  fc.assert(
    fc.property(
      fc.array(digest, { maxLength: 5 }),
      fc.array(fc.oneof(noise, digest), { maxLength: 12 }),
      fc.array(fc.nat(50)),
      (candidates, parts, sizes) => {
        const text = parts.join('');
        const expected = candidates.filter((path) => text.includes(path.slice(0, 32)));
        const found = scan(candidates, inPieces(Buffer.from(text), sizes));
        assert.deepEqual(found, [...new Set(expected)].sort());
      },
    ),
  );
});

test('bytes are handed on as they come', async () => {
  const scanner = new ReferenceScanner([one]);
  const chunks: string[] = [];
  for await (const chunk of scanner.scan([Buffer.from('a'), Buffer.from(one)]))
    chunks.push(Buffer.from(chunk).toString());
  assert.deepEqual(chunks, ['a', one]);
  assert.deepEqual([...scanner.found], [one]);
});
