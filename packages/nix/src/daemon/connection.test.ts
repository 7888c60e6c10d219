import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import type { PathInfo } from '../path-info/path-info.ts';
import { defaultStoreDirectory } from '../store-path/store-path.ts';
import { Incoming, playDaemon, playExchange, readRecordings } from '../testing/recorded-daemon.ts';
import type { Recording } from '../testing/recorded-daemon.ts';
import { derivation, full, recordedDerivation, recordedInfo } from '../testing/recorded-values.ts';
import type { RecordedRequest } from '../testing/recorded-values.ts';
import { DaemonConnection } from './connection.ts';
import { DaemonError } from './daemon-error.ts';

type Exchange = Recording<RecordedRequest>;

const recordings = new Map(
  readRecordings<RecordedRequest, unknown>('2.34.8').map((recording) => [
    recording.name,
    recording,
  ]),
);
const handshake = recorded('handshake');
const question = recorded('is-valid-path-yes');
const failure = recorded('ensure-path-fails');
const valid = full(question.request.path);
const word = (value: number) =>
  value.toString(16).padStart(8, '0').match(/../g)?.toReversed().join('') + '00000000';
const lastMessage = word(0x616c7473);

test('where nobody listens the daemon is unreachable, and the message says where', async () => {
  const socketPath = join(tmpdir(), 'nobody', 'socket');
  const address = { socketPath, storeDirectory: defaultStoreDirectory };
  await assert.rejects(DaemonConnection.connect(address), {
    kind: 'unreachable',
    message: new RegExp(`No Nix daemon answers at ${socketPath}`),
  });
});

test('a daemon that hangs up, is none, or speaks no known protocol refuses us', async () => {
  const greetings = [
    '',
    word(0x12345678),
    word(0x6478696f) + word(0x114),
    word(0x6478696f) + word(0x226),
  ];
  for (const s2c of greetings) {
    const [client, server] = duplexPair();
    const greeting: Recording = { name: s2c, request: null, c2s: handshake.c2s.slice(0, 32), s2c };
    const played = playDaemon(server, [greeting]);
    const opened = DaemonConnection.over(client, defaultStoreDirectory);
    await assert.rejects(opened, { kind: 'refused' }, s2c);
    await played;
  }
});

test('connecting can be given up, and leaves nothing behind', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'nix-'));
  const server = createServer();
  const socketPath = join(directory, 'socket');
  await once(server.listen(socketPath), 'listening');
  const address = { socketPath, storeDirectory: defaultStoreDirectory };
  const abort = new AbortController();
  const accepted = once(server, 'connection');
  const connected = DaemonConnection.connect(address, { signal: abort.signal });
  const [socket]: Socket[] = await accepted;
  abort.abort(new Error('never mind'));
  await assert.rejects(connected, { message: 'never mind' });
  await once(socket?.resume() ?? assert.fail(), 'end');
  await assert.rejects(DaemonConnection.connect(address, { signal: abort.signal }), {
    message: 'never mind',
  });
  server.close();
  await rm(directory, { recursive: true });
});

test('an answer that makes no sense ends the connection', async () => {
  const answers = {
    'unknown message': word(0xdead),
    'number beyond 2^53': lastMessage + 'ff'.repeat(8),
    'string without end': word(0x6f6c6d67) + word(0x7fffffff),
    'padding of something else': word(0x6f6c6d67) + word(1) + 'ff'.repeat(8),
    'data wanted for a question': word(0x64617461) + word(1),
  };
  for (const [name, s2c] of Object.entries(answers)) {
    await using connection = await talkingTo({ ...question, s2c });
    await assert.rejects(connection.isValidPath(valid), { kind: 'protocol' }, name);
    assert.equal(connection.isOpen, false);
    await assert.rejects(connection.isValidPath(valid), { kind: 'closed' }, name);
  }
});

test('a path of another store is an answer that makes no sense', async () => {
  const info = recorded('query-path-info-drv');
  const s2c = info.s2c.replaceAll(hex('/nix/store/'), hex('/gnu/store/'));
  await using connection = await talkingTo({ ...info, s2c });
  await assert.rejects(connection.queryPathInfo(full(info.request.path)), {
    kind: 'protocol',
    message: /gnu/,
  });
});

test('an error after which the daemon gives up is told once, and the connection is over', async () => {
  const twice = { ...failure, s2c: failure.s2c + failure.s2c };
  await using connection = await talkingTo(twice);
  await assert.rejects(connection.ensurePath(full(failure.request.path)), { kind: 'operation' });
  await assert.rejects(connection.isValidPath(valid), { kind: 'closed' });
});

test('when the daemon goes away, all who wait for it hear of it', async () => {
  await using connection = await talkingTo({ ...question, s2c: lastMessage });
  const questions = [1, 2, 3].map(() => connection.isValidPath(valid));
  for (const result of await Promise.allSettled(questions)) {
    assert.equal(result.status, 'rejected');
    assert.equal(result.reason.kind, 'closed');
  }
});

test('destroying fails what runs and what waits', async () => {
  await using connection = await talkingTo({ ...question, flow: [['client', 1_000_000]] });
  const questions = [1, 2].map(() => connection.isValidPath(valid));
  connection.destroy();
  for (const result of await Promise.allSettled(questions)) assert.equal(result.status, 'rejected');
  assert.equal(connection.isOpen, false);
});

test('closing lets what was asked be answered, and takes no more', async () => {
  await using connection = await talkingTo(question, question);
  const before = [connection.isValidPath(valid), connection.isValidPath(valid)];
  connection.close();
  const after = assert.rejects(connection.isValidPath(valid), { kind: 'closed' });
  assert.deepEqual(await Promise.all(before), [true, true]);
  await after;
});

test('one failure among many questions does not disturb the others', async () => {
  const info = recorded('query-path-info-drv');
  const [first, second] = [info, { ...info, s2c: failure.s2c }];
  const ahead: Exchange = {
    ...info,
    c2s: first.c2s + second.c2s + first.c2s,
    s2c: first.s2c + second.s2c + first.s2c,
  };
  await using connection = await talkingTo(ahead, question);
  const path = full(info.request.path);
  await assert.rejects(connection.queryPathInfos([path, path, path]), { kind: 'operation' });
  assert.equal(await connection.isValidPath(valid), true);
});

const foreignErrors = [
  new Error('disk full'),
  new DaemonError('operation', 'another daemon failed'),
];

test('an error of who listens to the log is theirs, and cancels the build', async () => {
  const build = recorded('build-derivation');
  const path = derivation(build.request.drvPath);
  for (const error of foreignErrors) {
    await using connection = await talkingTo(build);
    const result = connection.buildDerivation(path, recordedDerivation(path, build.request.drv), {
      onLog: () => Promise.reject(error),
    });
    await assert.rejects(result, error);
    assert.equal(connection.isOpen, false);
  }
});

test('an archive that cannot be read fails its import, and closes the connection', async () => {
  for (const error of foreignErrors) {
    await using connection = await talkingTo({ ...recorded('add-to-store-nar'), s2c: '' });
    await assert.rejects(connection.addToStoreNar(info(), broken(error)), error);
    assert.equal(connection.isOpen, false);
  }
});

test('an archive that the daemon does not want is not read to its end, and the connection goes on', async () => {
  const [client, server] = duplexPair();
  const refused = refuseUpload(server, recorded('add-to-store-nar'));
  await using connection = await DaemonConnection.over(client, defaultStoreDirectory);
  let isLeft = false;
  async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) yield Buffer.alloc(50_000);
    } finally {
      isLeft = true;
    }
  }
  await assert.rejects(connection.addToStoreNar(info(), endless()), { kind: 'operation' });
  assert.ok(isLeft);
  assert.equal(await connection.isValidPath(valid), true);
  await refused;
});

test('an archive that the daemon breaks off is an error, and so is one left unread', async () => {
  const archive = recorded('nar-from-path');
  const path = full(archive.request.path);
  {
    await using connection = await talkingTo({ ...archive, s2c: archive.s2c.slice(0, -16) });
    await assert.rejects(drain(connection.narFromPath(path, 168)), { kind: 'closed' });
  }
  {
    await using connection = await talkingTo(archive, question);
    for await (const chunk of connection.narFromPath(path, 169)) {
      assert.ok(chunk.length > 0);
      break;
    }
    assert.equal(connection.isOpen, false);
  }
});

/** A connection to a daemon that has shaken hands, plays the exchanges, and hangs up. */
async function talkingTo(...exchanges: readonly Exchange[]): Promise<DaemonConnection> {
  const [client, server] = duplexPair();
  // Where the client misbehaves it hangs up, and its test fails.
  playDaemon(server, [handshake, ...exchanges]).catch(() => {});
  return DaemonConnection.over(client, defaultStoreDirectory);
}

function recorded(name: string): Exchange {
  return recordings.get(name) ?? assert.fail(`no recording ${name}`);
}

function info(): PathInfo {
  const { request } = recorded('add-to-store-nar');
  return recordedInfo(full(request.path), request);
}

/** Answers an upload with an error before it is over, and the question after it. */
async function refuseUpload(stream: Duplex, upload: Exchange): Promise<void> {
  const incoming = new Incoming(stream);
  await playExchange(stream, incoming, handshake);
  const wholeUploadInBytes = upload.c2s.length / 2;
  const framesInBytes = 168 + 4 * 8;
  await incoming.take(wholeUploadInBytes - framesInBytes);
  stream.write(Buffer.from(failure.s2c, 'hex'));
  for (;;) {
    const length = (await incoming.take(8)).readUInt32LE();
    if (length === 0) break;
    await incoming.take(length);
  }
  await playExchange(stream, incoming, question);
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}

async function* broken(error: Error): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from('begun');
  throw error;
}

async function drain(stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of stream) assert.ok(chunk.length > 0);
}
