import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { defaultStoreDirectory } from '../store-path/store-path.ts';
import type { StorePath } from '../store-path/store-path.ts';
import { playDaemon, readRecordings } from '../testing/recorded-daemon.ts';
import type { Recording } from '../testing/recorded-daemon.ts';
import {
  derivation,
  full,
  recordedDerivation,
  recordedInfo,
  recordedOutput,
  recordedTarget,
} from '../testing/recorded-values.ts';
import type { RecordedRequest, RecordedResponse } from '../testing/recorded-values.ts';
import { DaemonConnection } from './connection.ts';
import { DaemonError } from './daemon-error.ts';

type Exchange = Recording<RecordedRequest, RecordedResponse>;
type Conversation = (connection: DaemonConnection, exchange: Exchange) => Promise<void>;

const versions = ['2.8.0', '2.34.8', '2.35.2', '2.34.8-as-1.21', '2.34.8-as-1.31'];
/** Of one of the recorded uploads; the others were sent whole. */
const smallFrameInBytes = 64;
const recordedArchiveInBytes = 168;

const conversations: Readonly<Record<string, Conversation>> = {
  'set-options': (connection) =>
    connection.setOptions({
      maxBuildJobs: 2,
      maxSilentSeconds: 600,
      buildCores: 4,
      overrides: new Map([
        ['timeout', '3600'],
        ['max-build-log-size', '67108864'],
      ]),
    }),
  async 'is-valid-path'(connection, { request, response }) {
    assert.equal(await connection.isValidPath(full(request.path)), Number(response) === 1);
  },
  async 'query-path-info'(connection, { request, response }) {
    const path = full(request.path);
    const expected = response === null ? null : recordedInfo(path, only(response));
    assert.deepEqual(await connection.queryPathInfo(path), expected);
  },
  async 'query-valid-paths'(connection, { request, response }) {
    const valid = await connection.queryValidPaths(request.paths.map((path) => full(path)));
    assert.deepEqual(
      [...valid],
      Object.values(only(response)).map((path) => full(String(path))),
    );
  },
  async 'query-missing'(connection, { request, response }) {
    const { willBuild, willSubstitute, unknown, downloadSize, narSize } = only(response);
    assert.deepEqual(
      await connection.queryMissing(request.targets.map((text) => recordedTarget(text))),
      {
        willBuild: willBuild.map((path) => full(path)),
        willSubstitute: willSubstitute.map((path) => full(path)),
        unknown: unknown.map((path) => full(path)),
        downloadSizeInBytes: downloadSize,
        narSizeInBytes: narSize,
      },
    );
  },
  async 'add-to-store'(connection, { request, response }) {
    const references = request.references.map((path) => full(path));
    const path = await connection.addTextToStore(request.name, request.data, references);
    assert.equal(path, full(only(response).path));
  },
  async 'add-text-to-store'(connection, { request, response }) {
    const path = await connection.addTextToStore(request.name, request.text);
    assert.equal(path, full(String(response)));
  },
  async 'add-to-store-nar'(connection, { request, error }) {
    const nar = Buffer.from(request.nar.hex, 'hex');
    const small = request.frames?.startsWith(`${smallFrameInBytes}-byte`) === true;
    const chunks = inChunks(nar, small ? smallFrameInBytes : nar.length);
    const info = recordedInfo(full(request.path), request, nar);
    const imported = connection.addToStoreNar(info, chunks);
    await (error === undefined ? imported : assert.rejects(imported, operationError(error.msg)));
  },
  async 'nar-from-path'(connection, { request, response }) {
    const nar = connection.narFromPath(full(request.path), recordedArchiveInBytes);
    assert.equal((await buffer(nar)).toString('hex'), only(response).hex);
  },
  'add-temp-root': (connection, { request }) => connection.addTempRoot(full(request.path)),
  'add-indirect-root': (connection, { request }) => connection.addIndirectRoot(request.link),
  async 'ensure-path'(connection, { request, error }) {
    const ensured = connection.ensurePath(full(request.path));
    await (error === undefined ? ensured : assert.rejects(ensured, operationError(error.msg)));
  },
  async 'build-derivation'(connection, exchange) {
    const path = derivation(exchange.request.drvPath);
    const log: string[] = [];
    const phases: string[] = [];
    const result = await connection.buildDerivation(
      path,
      recordedDerivation(path, exchange.request.drv),
      {
        onLog: (line) => void log.push(Buffer.from(line).toString('utf8')),
        onPhase: (phase) => void phases.push(phase),
      },
    );
    assert.deepEqual({ log, phases }, { log: exchange.log, phases: exchange.phases });
    checkResult(exchange, result.status, result.message, result.outputs);
    assert.equal(result.timesBuilt, only(exchange.response).timesBuilt ?? 0);
  },
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

function checkResult(
  { request, response }: Exchange,
  status: string,
  message: string,
  outputs: ReadonlyMap<string, StorePath>,
): void {
  const names: Readonly<Record<number, string>> = {
    0: 'built',
    2: 'already-valid',
    3: 'permanent-failure',
  };
  const recorded = only(response);
  assert.equal(status, names[recorded.status]);
  assert.equal(message, stripVTControlCharacters(recorded.errorMsg));
  const known = Object.entries(request.drv.outputs).map(([name, [path]]) => [name, path] as const);
  const told = Object.entries(recorded.builtOutputs ?? {}).map(recordedOutput);
  const expected = new Map<string, StorePath>();
  if (recorded.status < 3)
    for (const [name, path] of [...known, ...told]) if (path !== '') expected.set(name, full(path));
  assert.deepEqual(outputs, expected);
}

function operationError(recorded: string) {
  const expected = stripVTControlCharacters(recorded).replace(/^error: /, '');
  return (error: unknown) => {
    assert.ok(error instanceof DaemonError);
    assert.deepEqual([error.kind, error.message], ['operation', expected]);
    return true;
  };
}

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer, void, undefined> {
  for (let start = 0; start < bytes.length; start += size)
    yield bytes.subarray(start, start + size);
}

function minorOf(handshake: Exchange | undefined): number {
  return Number(only(handshake).request.clientVersion) & 0xff;
}

function only<T>(value: T | undefined): T {
  assert.ok(value !== undefined);
  return value;
}
