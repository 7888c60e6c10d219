import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { defaultStoreDirectory } from '../store-path/store-path.ts';
import { buildConversations } from '../testing/conversations/builds.ts';
import { only, recordedArchiveInBytes } from '../testing/conversations/conversation.ts';
import type { Conversation, Exchange } from '../testing/conversations/conversation.ts';
import { queryConversations } from '../testing/conversations/queries.ts';
import { rootConversations } from '../testing/conversations/roots.ts';
import { writingConversations } from '../testing/conversations/writing.ts';
import { playDaemon, readRecordings } from '../testing/recorded-daemon.ts';
import type { Recording } from '../testing/recorded-daemon.ts';
import { full } from '../testing/recorded-values.ts';
import type { RecordedRequest, RecordedResponse } from '../testing/recorded-values.ts';
import { DaemonConnection } from './connection.ts';

const versions = ['2.8.0', '2.34.8', '2.35.2', '2.34.8-as-1.21', '2.34.8-as-1.31'];

const conversations: Readonly<Record<string, Conversation>> = {
  ...buildConversations,
  ...queryConversations,
  ...rootConversations,
  ...writingConversations,
};

describe('the recorded exchanges', () => {
  for (const version of versions) {
    const recordings = readRecordings<RecordedRequest, RecordedResponse>(version);
    const [handshake, ...exchanges] = recordings.filter(({ name }) => !name.endsWith('-invalid'));
    const newestMinor = minorOf(handshake);

    test(`with Nix ${version} are had over a socket, byte for byte`, async () => {
      await using daemon = await listen([only(handshake), ...exchanges]);
      await using connection = await DaemonConnection.connect(daemon.address, { newestMinor });
      await converse(connection, exchanges, version);
      await daemon.played();
    });

    test(`with Nix ${version} are understood in pieces of any size`, async () => {
      for (const piece of [1, 7, 24]) {
        const [client, server] = duplexPair();
        const played = playDaemon(server, [only(handshake), ...exchanges], piece);
        const opened = DaemonConnection.over(client, defaultStoreDirectory, { newestMinor });
        await using connection = await opened;
        await converse(connection, exchanges, version);
        await played;
      }
    });

    test(`with Nix ${version} about an invalid archive end in an error and a closed connection`, async () => {
      const invalid = recordings.filter(({ name }) => name === 'nar-from-path-invalid');
      for (const exchange of invalid) {
        await using daemon = await listen([only(handshake), exchange]);
        await using connection = await DaemonConnection.connect(daemon.address, { newestMinor });
        const nar = connection.narFromPath(full(exchange.request.path), recordedArchiveInBytes);
        await assert.rejects(buffer(nar), { kind: 'operation', message: /nope/ });
        assert.equal(connection.isOpen, false);
      }
    });
  }
});

test('what the daemon tells of itself is known after the handshake', async () => {
  const told = {
    '2.8.0': { minor: 34, nixVersion: '2.8.0', trusted: null },
    '2.34.8': { minor: 38, nixVersion: '2.34.8', trusted: true },
    '2.34.8-as-1.21': { minor: 21, nixVersion: null, trusted: null },
  };
  for (const [version, { minor, nixVersion, trusted }] of Object.entries(told)) {
    const [handshake] = readRecordings<RecordedRequest, RecordedResponse>(version);
    await using daemon = await listen([only(handshake)]);
    await using connection = await DaemonConnection.connect(daemon.address, {
      newestMinor: minorOf(handshake),
    });
    assert.deepEqual(connection.protocol, { major: 1, minor });
    assert.equal(connection.nixVersion, nixVersion);
    assert.equal(connection.trusted, trusted);
  }
});

async function converse(
  connection: DaemonConnection,
  exchanges: readonly Exchange[],
  version: string,
): Promise<void> {
  assert.ok(exchanges.length > 0, version);
  for (const exchange of exchanges) await conversation(exchange.name)(connection, exchange);
}

/** The conversation whose name begins that of the recording; the longest, for there are variants. */
function conversation(name: string): Conversation {
  const [longest] = Object.keys(conversations)
    .filter((prefix) => name.startsWith(prefix))
    .sort((one, other) => other.length - one.length);
  return only(conversations[only(longest)]);
}

async function listen(recordings: readonly Recording[]) {
  const directory = await mkdtemp(join(tmpdir(), 'nix-'));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket.on('error', reject);
    playDaemon(socket, recordings).then(resolve, reject);
  });
  const socketPath = join(directory, 'socket');
  await new Promise<void>((listening) => {
    server.listen(socketPath, listening);
  });
  return {
    address: { socketPath, storeDirectory: defaultStoreDirectory },
    played: () => promise,
    async [Symbol.asyncDispose]() {
      server.close();
      await rm(directory, { recursive: true });
    },
  };
}

function minorOf(handshake: Exchange | undefined): number {
  return Number(only(handshake).request.clientVersion) & 0xff;
}
