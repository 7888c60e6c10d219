import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countWholeCharacters } from './whole-characters.ts';

const count = (...bytes: number[]): number => countWholeCharacters(Uint8Array.from(bytes));

test('a character whose end is missing is not counted', () => {
  const euro = [...Buffer.from('€')];
  assert.equal(count(...euro), 3);
  assert.equal(count(0x61, ...euro.slice(0, 2)), 1);
  assert.equal(count(0x61, ...euro.slice(0, 1)), 1);
  assert.equal(count(...Buffer.from('🦉').subarray(0, 3)), 0);
});

test('bytes that begin nothing count, since nothing will mend them', () => {
  assert.equal(count(0x80, 0x80, 0x80, 0x80), 4);
  assert.equal(count(0x61, 0xff), 2);
  assert.equal(count(0x61, 0xbf), 2);
});

test('text that is cut there and put together again is the same, for any bytes and any cuts', () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.string({ unit: 'grapheme' }).map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(6)), (bytes, lengths) => {
      assert.equal(
        decodeInPieces(bytes, lengths),
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
      );
    }),
    { numRuns: 2000 },
  );
});

function decodeInPieces(bytes: Uint8Array, lengths: readonly number[]): string {
  const decode = (part: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(part);
  let text = '';
  let start = 0;
  let end = 0;
  for (const length of lengths) {
    end = Math.min(bytes.length, end + length);
    const whole = countWholeCharacters(bytes.subarray(start, end));
    text += decode(bytes.subarray(start, start + whole));
    start += whole;
  }
  return text + decode(bytes.subarray(start));
}
