import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { create } from '@bufbuild/protobuf';
import { defaultStoreDirectory } from '@iolaus/nix';
import type { PathInfo } from '@iolaus/nix';
import fc from 'fast-check';
import { CallError } from './call-error.ts';
import type { AddToStoreRequest } from './generated/runner/v1/transfer_pb.ts';
import { AddToStoreRequestSchema } from './generated/runner/v1/transfer_pb.ts';
import { decodeStorePaths, encodeStorePaths } from './streams/store-stream.ts';
import type { OutgoingPaths } from './store-transfer.ts';
import { cutAnywhere, pathInfo } from './testing/arbitraries.ts';
import { each, gather, gatherBytes } from './testing/pieces.ts';
import { anInfo, aPath, startPair } from './testing/runner-pair.ts';

type Archive = { readonly info: PathInfo; readonly bytes: Uint8Array };

const archives = fc.array(
  fc
    .tuple(pathInfo, fc.uint8Array({ maxLength: 3_000 }))
    .map(([info, bytes]): Archive => ({ info: { ...info, narSize: bytes.length }, bytes })),
);

const outgoing = (all: readonly Archive[]): OutgoingPaths => ({
  infos: all.map(({ info }) => info),
  nar: (wanted) => each(all.filter(({ info }) => info === wanted).map(({ bytes }) => bytes)),
});

const narChunk = (value: Uint8Array): AddToStoreRequest =>
  create(AddToStoreRequestSchema, { content: { case: 'narChunk', value } });

const headerOf = async (...infos: PathInfo[]): Promise<AddToStoreRequest> => {
  const messages = encodeStorePaths(defaultStoreDirectory, { infos, nar: () => each([]) });
  const { value } = await messages.next();
  assert.ok(value !== undefined);
  return value;
};

async function receive(messages: AsyncIterable<AddToStoreRequest>): Promise<Archive[]> {
  const received: Archive[] = [];
  const paths = await decodeStorePaths(defaultStoreDirectory, messages);
  await paths.importEach(async (info, nar) => {
    received.push({ info, bytes: new Uint8Array(await gatherBytes(nar)) });
  });
  return received;
}

const refuses = (text: RegExp, ...messages: readonly AddToStoreRequest[]): Promise<void> =>
  assert.rejects(receive(each(messages)), { status: 'invalid-argument', message: text });

test('store objects arrive as they were sent, however the chunks fall', async () => {
  const scenario = archives.chain((all) => {
    const plain = Buffer.concat(all.map(({ bytes }) => bytes));
    // Two frames, which Hydra never sends and we accept.
    const half = plain.length >> 1;
    const frames = [plain.subarray(0, half), plain.subarray(half)].map((part) =>
      zstdCompressSync(part),
    );
    return fc.tuple(fc.constant(all), cutAnywhere(Buffer.concat(frames)));
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ([all, chunks]) => {
      const header = await headerOf(...all.map(({ info }) => info));
      assert.deepEqual(await receive(each([header, ...chunks.map(narChunk)])), all);
    }),
  );
});

test('what we send, we can receive', async () => {
  await fc.assert(
    fc.asyncProperty(archives, async (all) => {
      assert.deepEqual(await receive(encodeStorePaths(defaultStoreDirectory, outgoing(all))), all);
    }),
  );
});

test('what an import leaves unread does not reach the next one', async () => {
  const infos = [anInfo(aPath('first'), 1_000), anInfo(aPath('second'), 3)];
  const plain = Buffer.concat([Buffer.alloc(1_000, 'x'), Buffer.from('abc')]);
  const messages = [await headerOf(...infos), narChunk(zstdCompressSync(plain))];
  const paths = await decodeStorePaths(defaultStoreDirectory, each(messages));
  const imported: string[] = [];
  await paths.importEach(async (info, nar) => {
    if (info.path === aPath('second')) imported.push(String(await gatherBytes(nar)));
  });
  assert.deepEqual(imported, ['abc']);
});

test('streams that do not have the announced length are refused', async () => {
  const header = await headerOf(anInfo(aPath('x'), 100));
  const whole = zstdCompressSync(Buffer.alloc(100));
  await refuses(/does not begin with a header/);
  await refuses(/does not begin with a header/, narChunk(whole));
  await refuses(/less data than was announced/, header);
  await refuses(
    /less data than was announced/,
    header,
    narChunk(zstdCompressSync(Buffer.alloc(99))),
  );
  await refuses(
    /more data than was announced/,
    header,
    narChunk(zstdCompressSync(Buffer.alloc(101))),
  );
  await refuses(/breaks off/, header, narChunk(whole.subarray(0, -1)));
  await refuses(/not compressed with zstd/, header, narChunk(whole), narChunk(Buffer.from('more')));
  await refuses(/more data/, header, narChunk(whole), narChunk(zstdCompressSync(Buffer.from('x'))));
});

test('a header without paths says it all', async () => {
  const messages = await gather(encodeStorePaths(defaultStoreDirectory, outgoing([])));
  assert.equal(messages.length, 1);
  assert.deepEqual(await receive(each(messages)), []);
});

test('store objects go both ways over a connection', async () => {
  const infos = [anInfo(aPath('dependency'), 3_000_000), anInfo(aPath('dependent'), 10)];
  const paths: OutgoingPaths = {
    infos,
    async *nar(info) {
      for (let left = info.narSize; left > 0; left -= Math.min(left, 65_536)) {
        yield Buffer.alloc(Math.min(left, 65_536), info.path.slice(33));
      }
    },
  };
  const sizes = async (nar: AsyncIterable<Uint8Array>): Promise<number> =>
    (await gatherBytes(nar)).length;
  const received: [string, number][] = [];
  await using pair = await startPair({
    receivePaths: async (incoming) => {
      assert.deepEqual(incoming.infos, infos);
      await incoming.importEach(async ({ path }, nar) => {
        received.push([path, await sizes(nar)]);
      });
    },
    fetchPaths: async (wanted) => {
      assert.deepEqual(wanted, [aPath('dependent')]);
      return paths;
    },
  });
  await pair.client.sendPaths(paths);
  const incoming = await pair.client.fetchPaths([aPath('dependent')]);
  await incoming.importEach(async ({ path }, nar) => {
    received.push([path, await sizes(nar)]);
  });
  const expected = infos.map(({ path, narSize }) => [path, narSize]);
  assert.deepEqual(received, [...expected, ...expected]);
});

test('a path that the runner has not is not found, before anything is sent', async () => {
  await using pair = await startPair({
    fetchPaths: async ([path]) => {
      throw new CallError('not-found', `${path} is not in the store`);
    },
  });
  await assert.rejects(pair.client.fetchPaths([aPath('lost')]), {
    status: 'not-found',
    message: `${aPath('lost')} is not in the store`,
  });
});

test('an archive that is not as long as announced fails the call of either side', async () => {
  const paths: OutgoingPaths = {
    infos: [anInfo(aPath('x'), 10)],
    nar: () => each([Buffer.alloc(9)]),
  };
  let taken = 0;
  await using pair = await startPair({
    receivePaths: async (incoming) => {
      await incoming.importEach(async (_, nar) => {
        await gatherBytes(nar);
      });
      taken++;
    },
    fetchPaths: async () => paths,
  });
  const wrongSize = /the archive of .*-x has 9 bytes, not 10/;
  await assert.rejects(pair.client.sendPaths(paths), { message: wrongSize });
  const incoming = await pair.client.fetchPaths([aPath('x')]);
  const import_ = incoming.importEach(async (_, nar) => {
    await gatherBytes(nar);
  });
  await assert.rejects(import_, { status: 'internal', message: wrongSize });
  await pair.server.close();
  assert.equal(taken, 0);
});

test('a failed import ends the call of either side with its reason', async () => {
  const endless: OutgoingPaths = {
    infos: [anInfo(aPath('endless'), 2 ** 40)],
    async *nar() {
      for (;;) yield crypto.getRandomValues(new Uint8Array(65_536));
    },
  };
  const ended = Promise.withResolvers<void>();
  await using pair = await startPair({
    receivePaths: async (incoming) => {
      await incoming.importEach(async () => {
        throw new Error('the daemon is gone');
      });
    },
    fetchPaths: async () => ({
      infos: endless.infos,
      async *nar(info) {
        try {
          yield* endless.nar(info);
        } finally {
          ended.resolve();
        }
      },
    }),
  });
  await assert.rejects(pair.client.sendPaths(endless), {
    status: 'internal',
    message: 'the daemon is gone',
  });
  const incoming = await pair.client.fetchPaths([aPath('endless')]);
  const failure = new Error('no space left');
  const import_ = incoming.importEach(async () => {
    throw failure;
  });
  await assert.rejects(import_, failure);
  // The runner stops to send.
  await ended.promise;
});
