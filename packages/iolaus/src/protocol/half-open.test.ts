import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { defaultStoreDirectory } from '@iolaus/nix';
import { connectRunner } from './client/runner-client.ts';
import { serveRunner } from './server/runner-server.ts';
import { aJoin, unexpected } from './testing/runner-pair.ts';

const pace = { intervalMilliseconds: 20, answerWithinMilliseconds: 1_000 };

/** A way to the runner that can begin to swallow all that goes over it, either way, and say nothing. */
async function openSwallowingWay(target: string) {
  const { hostname, port } = new URL(target);
  const pairs: (readonly [Socket, Socket])[] = [];
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    pairs.push([near, far]);
    for (const socket of [near, far]) socket.on('error', () => {});
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    swallow: () => {
      for (const [near, far] of pairs) {
        near.unpipe(far).resume();
        far.unpipe(near).resume();
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of pairs.flat()) socket.destroy();
      server.close();
    },
  };
}

test('both sides notice that a connection leads nowhere any more, though nobody closed it', async () => {
  const ended = Promise.withResolvers<string>();
  await using server = await serveRunner({
    bind: '127.0.0.1:0',
    tokens: () => null,
    storeDirectory: defaultStoreDirectory,
    pace,
    handlers: {
      ...unexpected,
      openTunnel: async () => ({
        accept: { maxConcurrentDownloads: 1, sharesStore: false, takenBack: [], leaseSeconds: 60 },
        converse: async ({ messages }) => {
          for await (const _ of messages);
        },
        ended: ({ reason }) => ended.resolve(reason),
      }),
    },
  });
  await using way = await openSwallowingWay(server.endpoint);
  await using client = connectRunner(way.endpoint, { storeDirectory: defaultStoreDirectory, pace });
  const messages = client.openTunnel(aJoin()).messages[Symbol.asyncIterator]();
  assert.equal((await messages.next()).value?.type, 'joined');
  way.swallow();
  await assert.rejects(
    async () => {
      while ((await messages.next()).done !== true);
    },
    { status: 'unavailable' },
  );
  assert.equal(await ended.promise, 'lost');
});
