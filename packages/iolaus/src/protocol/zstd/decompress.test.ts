import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { CallError } from '../call-error.ts';
import { cutAnywhere } from '../testing/arbitraries.ts';
import { each, gatherBytes } from '../testing/pieces.ts';
import { decompress } from './decompress.ts';

type Sample = { readonly plain: Buffer; readonly frame: Buffer };

const contents = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  // Blocks are 128 KiB at most, so these have several; repetitive ones have blocks of one repeated byte.
  fc
    .record({ byte: fc.nat(255), size: fc.nat(400_000) })
    .map(({ byte, size }) => Buffer.alloc(size, byte)),
  fc.record({ seed: fc.nat(), size: fc.nat(200_000) }).map(({ seed, size }) => noise(seed, size)),
);

const frame = fc
  .record({
    plain: contents,
    checksum: fc.boolean(),
    level: fc.constantFrom(-5, 1, 3, 9),
    known: fc.boolean(),
  })
  .map(({ plain, checksum, level, known }): Sample => ({
    plain: Buffer.from(plain),
    frame: zstdCompressSync(plain, {
      params: {
        [constants.ZSTD_c_compressionLevel]: level,
        [constants.ZSTD_c_checksumFlag]: Number(checksum),
        [constants.ZSTD_c_contentSizeFlag]: Number(known),
      },
    }),
  }));

const skippable = fc
  .record({ digit: fc.nat(15), contents: fc.uint8Array({ maxLength: 50 }) })
  .map((parts): Sample => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(0x184d2a50 + parts.digit, 0);
    head.writeUInt32LE(parts.contents.length, 4);
    return { plain: Buffer.alloc(0), frame: Buffer.concat([head, parts.contents]) };
  });

const frames = fc.array(fc.oneof({ weight: 4, arbitrary: frame }, skippable), {
  minLength: 1,
  maxLength: 4,
});

const compressed = (samples: readonly Sample[]): Buffer =>
  Buffer.concat(samples.map((one) => one.frame));

test('frames one behind the other come out whole, however the pieces fall', async () => {
  const scenario = frames.chain((samples) =>
    fc.tuple(fc.constant(samples), cutAnywhere(compressed(samples))),
  );
  await fc.assert(
    fc.asyncProperty(scenario, async ([samples, pieces]) => {
      const expected = Buffer.concat(samples.map(({ plain }) => plain));
      assert.deepEqual(await gatherBytes(decompress(each(pieces))), expected);
    }),
  );
});

test('what breaks off within a frame is refused', async () => {
  const scenario = frames.chain((samples) => {
    const last = samples.at(-1)?.frame.length ?? 0;
    const whole = compressed(samples);
    return fc
      .integer({ min: 1, max: last - 1 })
      .chain((missing) => cutAnywhere(whole.subarray(0, whole.length - missing)));
  });
  await fc.assert(
    fc.asyncProperty(scenario, async (pieces) => {
      await assert.rejects(gatherBytes(decompress(each(pieces))), invalidArgument);
    }),
  );
});

test('what follows the frames and is none is refused, also in one piece with a frame', async () => {
  const garbage = fc
    .uint8Array({ minLength: 1, maxLength: 20 })
    .filter(([first]) => first !== 0x28 && (first ?? 0) >> 4 !== 5);
  const scenario = fc
    .tuple(frames, garbage)
    .chain(([samples, tail]) => cutAnywhere(Buffer.concat([compressed(samples), tail])));
  await fc.assert(
    fc.asyncProperty(scenario, async (pieces) => {
      await assert.rejects(gatherBytes(decompress(each(pieces))), invalidArgument);
    }),
  );
});

test('damage within a frame never goes unnoticed where there is a checksum', async () => {
  const plain = noise(1, 1_000);
  const whole = zstdCompressSync(plain, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  const change = fc.record({
    place: fc.nat(whole.length - 1),
    mask: fc.integer({ min: 1, max: 255 }),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ place, mask }) => {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(damaged.readUInt8(place) ^ mask, place);
      const result = await gatherBytes(decompress(each([damaged]))).catch(
        (error: unknown) => error,
      );
      // The head has bits without meaning for the contents.
      if (result instanceof Uint8Array) assert.ok(plain.equals(result));
      else assert.ok(invalidArgument(result));
    }),
  );
});

test('no data at all is an empty result', async () => {
  assert.equal((await gatherBytes(decompress(each([])))).length, 0);
});

test('a small frame that becomes large comes out in pieces', async () => {
  const plain = Buffer.alloc(5_000_000, 'x');
  const sizes = [];
  for await (const piece of decompress(each([zstdCompressSync(plain)]))) sizes.push(piece.length);
  assert.ok(sizes.length > 10);
  assert.equal(
    sizes.reduce((sum, size) => sum + size),
    plain.length,
  );
});

test('a frame that wants a window of more than 32 MiB is refused', async () => {
  const greedy = zstdCompressSync(noise(2, 70_000_000), {
    params: {
      [constants.ZSTD_c_windowLog]: 26,
      [constants.ZSTD_c_contentSizeFlag]: 0,
      [constants.ZSTD_c_compressionLevel]: -5,
    },
  });
  await assert.rejects(gatherBytes(decompress(each([greedy]))), invalidArgument);
});

test('a failure of the source is passed on as it is', async () => {
  const failure = new Error('the disk is gone');
  async function* breaking(): AsyncGenerator<Uint8Array, void, void> {
    yield zstdCompressSync(noise(3, 100_000)).subarray(0, 50_000);
    throw failure;
  }
  await assert.rejects(gatherBytes(decompress(breaking())), failure);
});

function invalidArgument(error: unknown): boolean {
  return error instanceof CallError && error.status === 'invalid-argument';
}

/** Bytes that do not compress, the same for the same seed. */
function noise(seed: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = (seed | 0) + 1;
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
