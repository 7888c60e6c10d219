import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { intoParts } from './into-parts.ts';
import { PartBuffers } from './part-buffers.ts';
import { sendParts } from './send-parts.ts';

/** What a server has got, and how many buffers of parts were lent to it at once at most. */
function openSink() {
  const got: Buffer[] = [];
  const lent = { now: 0, most: 0 };
  const sendPart = async (part: Buffer, number: number) => {
    lent.now += part.buffer.byteLength;
    lent.most = Math.max(lent.most, lent.now);
    await new Promise<void>((resolve) => void setImmediate(resolve));
    got[number - 1] = Buffer.from(part);
    lent.now -= part.buffer.byteLength;
    return { number, etag: `${number}` };
  };
  return { got, lent, sendPart };
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 700) yield bytes.subarray(start, start + 700);
}

test('all uploads together have no more memory than there is for parts', async () => {
  const buffers = new PartBuffers(5_000);
  const archives = [10_000, 999, 1_000, 0, 12_345].map((size) => randomBytes(size));
  const sinks = archives.map(() => openSink());
  let most = 0;
  await Promise.all(
    archives.map(async (bytes, index) => {
      const { sendPart } = sinks[index] ?? openSink();
      await sendParts(intoParts(inPieces(bytes), 1_000, buffers), (part, number) => {
        const sending = sendPart(part, number);
        most = Math.max(
          most,
          sinks.reduce((sum, { lent }) => sum + lent.now, 0),
        );
        return sending;
      });
    }),
  );
  assert.ok(most > 1_000 && most <= 5_000, `${most}`);
  assert.deepEqual(
    sinks.map(({ got }) => Buffer.concat(got)),
    archives,
  );
});

test('parts that are larger than the memory for them go one at a time', async () => {
  const { got, lent, sendPart } = openSink();
  const bytes = randomBytes(10_000);
  await sendParts(intoParts(inPieces(bytes), 3_000, new PartBuffers(1_000)), sendPart);
  assert.deepEqual([lent.most, Buffer.concat(got).equals(bytes)], [3_000, true]);
});

test('whatever goes wrong gives its memory back, and tells what went wrong first', async () => {
  const buffers = new PartBuffers(3_000);
  const refuse = async (_: Buffer, number: number) => {
    if (number === 2) throw new Error('the second part is refused');
    return { number, etag: '' };
  };
  const parts = intoParts(inPieces(randomBytes(10_000)), 1_000, buffers);
  await assert.rejects(sendParts(parts, refuse), /the second part is refused/);
  const breaking = async function* (): AsyncGenerator<Uint8Array> {
    yield randomBytes(1_500);
    throw new Error('the source broke off');
  };
  const broken = sendParts(intoParts(breaking(), 1_000, buffers), openSink().sendPart);
  await assert.rejects(broken, /the source broke off/);
  using whole = await buffers.take(3_000);
  assert.equal(whole.isFull, false);
});
