import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { boundedLines } from './bounded-lines.ts';

test('lines come out whole, wherever the stream was cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' })), fc.nat(7), async (texts, size) => {
      const lines = texts.map((text) => text.replaceAll('\n', ' '));
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      assert.deepEqual(await collect(boundedLines(cut(bytes, size + 1), 10_000)), lines);
    }),
  );
});

test('a last line needs no end', async () => {
  assert.deepEqual(await collect(boundedLines(cut(Buffer.from('a\nb'), 1), 10)), ['a', 'b']);
});

test('of a line that is too long, the beginning is kept and the next one is whole', async () => {
  const bytes = Buffer.from(`${'x'.repeat(1_000)}\nnext\n`);
  assert.deepEqual(await collect(boundedLines(cut(bytes, 7), 10)), ['xxxxxxxxxx', 'next']);
});

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size)
    yield bytes.subarray(start, start + size);
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}
