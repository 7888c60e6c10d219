import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aJoin, unexpected } from '../../protocol/testing/runner-pair.ts';
import type { RunnerMessage } from '../../protocol/tunnel-message.ts';
import type { RunnerTunnel } from '../../protocol/tunnel.ts';
import { DownloadLimit } from './download-limit.ts';

test('who joins hears how much it may fetch at once, and who is there hears when that changes', async () => {
  let most = 3;
  const limit = new DownloadLimit(() => most);
  const leaving = Promise.withResolvers<void>();
  const handlers = limit.watch({
    ...unexpected,
    openTunnel: async () => ({
      accept: { maxConcurrentDownloads: 1, sharesStore: false, takenBack: [], leaseSeconds: 0 },
      converse: () => leaving.promise,
      ended: () => {},
    }),
  });
  const joined = await handlers.openTunnel(aJoin(), { address: 'unix' });
  assert.equal(joined.accept.maxConcurrentDownloads, 3);
  const told: RunnerMessage[] = [];
  const tunnel: RunnerTunnel = {
    messages: (async function* () {
      yield* [];
    })(),
    send: async (message) => told.push(message) > 0,
    signal: new AbortController().signal,
    close: () => {},
  };
  const conversation = joined.converse(tunnel);
  most = 7;
  await limit.tell();
  leaving.resolve();
  await conversation;
  await limit.tell();
  assert.deepEqual(told, [{ type: 'configuration', maxConcurrentDownloads: 7 }]);
});
