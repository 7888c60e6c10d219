import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { collect } from '../testing/collect.ts';
import { compress } from './compress.ts';
import { compressions } from './compression.ts';
import { decompress } from './decompress.ts';

const sizes = [0, 1_000, 300_000, 9_000_000];

for (const compression of compressions) {
  test(`what ${compression} makes smaller comes back as it was, of any size`, async () => {
    for (const size of sizes) {
      const bytes = sampleOf(size);
      const options = { compression, level: 1, sizeInBytes: size, parallel: false };
      const packed = Buffer.concat(await collect(copied(compress(inTurn(bytes), options))));
      if (compression !== 'none' && size > 0) assert.ok(packed.length < size / 2);
      const back = Buffer.concat(await collect(decompress([packed], compression)));
      assert.ok(back.equals(bytes), `${compression} ${size}`);
    }
  });

  test(`a source of ${compression} that throws is what is thrown`, async () => {
    for (const sizeInBytes of [10, 1_000_000, 10_000_000]) {
      const options = { compression, level: null, sizeInBytes, parallel: false };
      await assert.rejects(collect(compress(breaking(), options)), /enough/);
    }
  });
}

test('zstd packs at each of its levels, in this process and by its program', async () => {
  const numbers = Buffer.from(Array.from({ length: 50_000 }, (_, number) => number ** 2).join());
  const pack = async (level: number, size: number): Promise<number> => {
    const bytes = numbers.subarray(0, size);
    const options = { compression: 'zstd', level, sizeInBytes: size, parallel: false } as const;
    const packed = Buffer.concat(await collect(compress(inTurn(bytes), options)));
    assert.ok(Buffer.concat(await collect(decompress([packed], 'zstd'))).equals(bytes));
    return packed.length;
  };
  const sizes = [];
  for (let level = 1; level <= 22; level += 1) sizes.push(await pack(level, 20_000));
  assert.ok(Math.min(...sizes.slice(15)) < (sizes[0] ?? 0), sizes.join());
  assert.ok((await pack(22, 300_000)) < (await pack(10, 300_000)));
});

test('who reads slowly holds the source back', async () => {
  for (const compression of compressions) {
    let bytesRead = 0;
    const source = async function* () {
      for await (const chunk of endless()) {
        bytesRead += chunk.length;
        yield chunk;
      }
    };
    const options = { compression, level: 1, sizeInBytes: 2 ** 30, parallel: false };
    const packed = compress(source(), options)[Symbol.asyncIterator]();
    await packed.next();
    const before = bytesRead;
    // As long as others are given their turn to fill whatever there is to fill.
    for (let turn = 0; turn < 1_000; turn += 1) await new Promise(setImmediate);
    assert.ok(bytesRead - before < 16 * 2 ** 20, `${compression}: ${bytesRead - before}`);
    await packed.return?.();
  }
});

test('what is damaged or unknown is refused', async () => {
  for (const compression of ['xz', 'bzip2', 'br', 'zstd', 'gzip'])
    await assert.rejects(collect(decompress([Buffer.from('no such format')], compression)));
  assert.throws(() => decompress([], 'lzip'), /lzip/);
});

test('whoever stops reading stops the rest', async () => {
  for (const compression of compressions) {
    const options = { compression, level: 1, sizeInBytes: 100_000_000, parallel: false };
    for await (const _ of compress(endless(), options)) break;
  }
});

test('what a program makes of something small stays as it is', async () => {
  const bytes = sampleOf(1_000_000);
  const options = {
    compression: 'xz',
    level: 1,
    sizeInBytes: bytes.length,
    parallel: false,
  } as const;
  const packed = Buffer.concat(await collect(compress(inTurn(bytes), options)));
  assert.ok(Buffer.concat(await collect(decompress([packed], 'xz'))).equals(bytes));
});

/** Half of it random, so that it fills the buffers of every codec. */
function sampleOf(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let start = 0; start < size; start += 100_000)
    randomBytes(Math.min(30_000, size - start)).copy(bytes, start);
  return size > 1_000 ? bytes : Buffer.alloc(size);
}

async function* inTurn(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 65_536)
    yield bytes.subarray(start, start + 65_536);
}

async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

async function* breaking(): AsyncGenerator<Uint8Array> {
  yield randomBytes(100_000);
  throw new Error('enough');
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield randomBytes(65_536);
}
