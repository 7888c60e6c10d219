import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import { create } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { CallError } from './call-error.ts';
import { LogChunkSchema } from './generated/runner/v1/transfer_pb.ts';
import { decodeLog, encodeLog } from './streams/log-stream.ts';
import type { IncomingLog } from './store-transfer.ts';
import { each, gather, gatherBytes, Pipe } from './testing/pieces.ts';
import { aDerivation, anAttempt, startPair } from './testing/runner-pair.ts';

const derivation = aDerivation('hello');
const attempt = anAttempt();

const decodeChunks = (
  ...chunks: readonly MessageInitShape<typeof LogChunkSchema>[]
): Promise<IncomingLog> => decodeLog(each(chunks.map((chunk) => create(LogChunkSchema, chunk))));

test('a log comes out as it went in, and its first chunk alone says whose it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array()), async (pieces) => {
      const chunks = await gather(
        encodeLog({ derivation, attempt, offset: 0, data: each(pieces) }),
      );
      const named = chunks.map((chunk) => [chunk.drv?.path, chunk.buildId]);
      assert.deepEqual(named[0], [derivation, attempt]);
      assert.ok(named.slice(1).every(([drv, id]) => drv === undefined && id === ''));
      const log = await decodeLog(each(chunks));
      assert.deepEqual([log.derivation, log.attempt], [derivation, attempt]);
      assert.deepEqual(await gatherBytes(log.data), Buffer.concat(pieces));
    }),
  );
});

test('a log of a builder that is not ours has no attempt', async () => {
  const data = zstdCompressSync('one\n');
  const log = await decodeChunks(
    { drv: { path: derivation }, data: data.subarray(0, 5) },
    { data: data.subarray(5) },
  );
  assert.equal(log.attempt, null);
  assert.equal(String(await gatherBytes(log.data)), 'one\n');
});

test('a log that does not say whose it is, or not properly, is refused', async () => {
  await assert.rejects(decodeChunks(), { status: 'internal', message: 'Empty stream' });
  await assert.rejects(decodeChunks({ data: Buffer.alloc(1) }), {
    status: 'invalid-argument',
    message: 'missing drv',
  });
  await assert.rejects(decodeChunks({ drv: { path: '../../etc/passwd' } }), {
    status: 'invalid-argument',
    message: /^bad drv: /,
  });
  await assert.rejects(decodeChunks({ drv: { path: derivation }, buildId: '../x' }), {
    status: 'invalid-argument',
    message: /^bad build_id: /,
  });
});

test('every line of a log arrives while the log is still open', async () => {
  const lines = new Pipe<Uint8Array>();
  const seen = new Pipe<string>();
  await using pair = await startPair({
    receiveLog: async (log) => {
      for await (const piece of log.data) seen.push(String(piece));
      seen.end();
    },
  });
  const sending = pair.client.sendLog({ derivation, attempt, offset: 0, data: lines });
  const arriving = seen[Symbol.asyncIterator]();
  for (const line of ['unpacking\n', 'building\n', 'installing\n']) {
    lines.push(Buffer.from(line));
    assert.equal((await arriving.next()).value, line);
  }
  lines.end();
  await sending;
  assert.equal((await arriving.next()).done, true);
});

test('a runner that reads a log slowly holds the build', async () => {
  const pieceBytes = 64 * 1024;
  const count = 800;
  // Bytes that do not compress: the windows hold 4 MiB, the coders and queues on the way some more.
  const mostAheadBytes = 16 * 1024 * 1024;
  let written = 0;
  async function* output(): AsyncGenerator<Uint8Array, void, void> {
    for (; written < count; written++) {
      yield crypto.getRandomValues(new Uint8Array(pieceBytes));
    }
  }
  let readBytes = 0;
  await using pair = await startPair({
    receiveLog: async (log) => {
      for await (const piece of log.data) {
        readBytes += piece.length;
        // Time enough for the builder to run ahead.
        for (let turn = 0; turn < 300; turn++) await nextTurn();
        assert.ok(written * pieceBytes - readBytes < mostAheadBytes, `${written} pieces written`);
      }
    },
  });
  await pair.client.sendLog({ derivation, attempt, offset: 0, data: output() });
  assert.equal(readBytes, count * pieceBytes);
});

test('a builder that goes away in the middle of a log is noticed', async () => {
  const lines = new Pipe<Uint8Array>();
  const arrived = Promise.withResolvers<void>();
  const failure = Promise.withResolvers<unknown>();
  await using pair = await startPair({
    receiveLog: async (log) => {
      try {
        for await (const piece of log.data) arrived.resolve(void piece);
      } catch (error) {
        failure.resolve(error);
      }
    },
  });
  const sending = pair.client.sendLog({ derivation, attempt, offset: 0, data: lines });
  lines.push(Buffer.from('building\n'));
  await arrived.promise;
  pair.client.close();
  await assert.rejects(sending, { status: 'cancelled' });
  const error = await failure.promise;
  assert.ok(error instanceof CallError && error.status === 'unavailable');
  lines.end();
});

test('a log whose source fails never looks complete', async () => {
  const gone = new Error('the build is gone');
  const arrived = Promise.withResolvers<void>();
  async function* breaking(): AsyncGenerator<Uint8Array, void, void> {
    yield Buffer.from('building\n');
    await arrived.promise;
    throw gone;
  }
  const failure = Promise.withResolvers<unknown>();
  await using pair = await startPair({
    receiveLog: async (log) => {
      arrived.resolve();
      await gatherBytes(log.data).then(failure.resolve, failure.resolve);
    },
  });
  await assert.rejects(
    pair.client.sendLog({ derivation, attempt, offset: 0, data: breaking() }),
    gone,
  );
  assert.ok((await failure.promise) instanceof CallError);
});

test('a runner that refuses a log is heard while the build is silent', async () => {
  const lines = new Pipe<Uint8Array>();
  await using pair = await startPair({
    receiveLog: async () => {
      throw new CallError('not-found', 'no such attempt');
    },
  });
  lines.push(Buffer.from('building\n'));
  await assert.rejects(pair.client.sendLog({ derivation, attempt, offset: 0, data: lines }), {
    status: 'not-found',
    message: 'no such attempt',
  });
  lines.end();
});
