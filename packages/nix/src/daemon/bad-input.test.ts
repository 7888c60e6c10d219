import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { defaultStoreDirectory, parseBaseName } from '../store-path/store-path.ts';
import { playDaemon, readRecordings } from '../testing/recorded-daemon.ts';
import type { RecordedRequest } from '../testing/recorded-values.ts';
import { DaemonConnection } from './connection.ts';
import { DaemonError } from './daemon-error.ts';
import type { WirePlace } from './daemon-error.ts';
import { WireWriter } from './wire/writer.ts';

const [handshake = assert.fail()] = readRecordings<RecordedRequest, unknown>('2.34.8');
const greetingInBytes = handshake.s2c.length / 2;
const path = parseBaseName(`${'0'.repeat(32)}-path`);
const last = 0x616c7473;
const text = 0x6f6c6d67;
const result = 0x52534c54;

type Fault = {
  readonly answer: (writer: WireWriter) => WireWriter;
  readonly field: string;
  /** From the answer's first byte on. */
  readonly offset: number;
  readonly reason: RegExp;
};

const digits = '0'.repeat(64);
/** The word for the end of messages, "it is valid", no deriver, and a hash. */
const beforeReferences = 8 + 8 + 8 + 72;
const begun = (writer: WireWriter) => writer.int(last).int(1).text('').text(digits);

const faults: Readonly<Record<string, Fault>> = {
  'a number beyond 2^53': {
    answer: (writer) =>
      begun(writer)
        .int(0)
        .int(0)
        .bigint(2n ** 53n),
    field: 'QueryPathInfo.narSize',
    offset: beforeReferences + 16,
    reason: /a number beyond 2\^53/,
  },
  'a list that cannot be that long': {
    answer: (writer) => begun(writer).int(2 ** 40),
    field: 'QueryPathInfo.references',
    offset: beforeReferences,
    reason: /a list of 1099511627776 items/,
  },
  'a string that cannot be that long': {
    answer: (writer) =>
      begun(writer)
        .int(1)
        .int(2 ** 40),
    field: 'QueryPathInfo.references[0]',
    offset: beforeReferences + 8,
    reason: /a string of 1099511627776 bytes/,
  },
  'a path of another store': {
    answer: (writer) => begun(writer).int(1).text(`/gnu/store/${path}`),
    field: 'QueryPathInfo.references[0]',
    offset: beforeReferences + 8,
    reason: /is not in the store \/nix\/store/,
  },
  'a name that is none': {
    answer: (writer) => begun(writer).int(2).path(path).text('/nix/store/../etc/passwd'),
    field: 'QueryPathInfo.references[1]',
    offset: beforeReferences + 8 + 56,
    reason: /is no store path/,
  },
  'a text that is not UTF-8': {
    answer: (writer) =>
      begun(writer)
        .int(0)
        .int(0)
        .int(0)
        .int(0)
        .int(1)
        .bytes(Buffer.from([0xff, 0xfe])),
    field: 'QueryPathInfo.signatures[0]',
    offset: beforeReferences + 40,
    reason: /a text that is not UTF-8/,
  },
  'a hash that is too short': {
    answer: (writer) => writer.int(last).int(1).text('').text('abc'),
    field: 'QueryPathInfo.narHash',
    offset: 24,
    reason: /no sha256 digest/,
  },
  'padding of something else than zeros': {
    answer: (writer) =>
      writer
        .int(last)
        .int(1)
        .int(1)
        .bigint(2n ** 64n - 1n),
    field: 'QueryPathInfo.deriver',
    offset: 25,
    reason: /padding/,
  },
  'a message of no known type': {
    answer: (writer) => writer.int(0xbad),
    field: 'QueryPathInfo',
    offset: 0,
    reason: /a message of unknown type 2989/,
  },
  'data that nobody wants': {
    answer: (writer) => writer.int(0x64617416).text('data'),
    field: 'QueryPathInfo',
    offset: 0,
    reason: /data that nobody wants/,
  },
  'a wish for data where there is none': {
    answer: (writer) => writer.int(0x64617461).int(1),
    field: 'QueryPathInfo',
    offset: 16,
    reason: /a wish for data/,
  },
  'a line that cannot be that long': {
    answer: (writer) => writer.int(text).int(2 ** 31),
    field: 'QueryPathInfo.text',
    offset: 8,
    reason: /a string of 2147483648 bytes/,
  },
  'more facts about a result than there can be': {
    answer: (writer) =>
      writer
        .int(result)
        .int(1)
        .int(101)
        .int(2 ** 50),
    field: 'QueryPathInfo.fields',
    offset: 24,
    reason: /a list of/,
  },
};

for (const [name, { answer, field, offset, reason }] of Object.entries(faults))
  test(`${name} is refused with its field and place, and ends the connection`, async () => {
    const bytes = answer(new WireWriter(defaultStoreDirectory)).finish();
    for (const pieceInBytes of [1, Infinity]) {
      await using connection = await answeredWith(bytes, pieceInBytes);
      const error = await connection.queryPathInfo(path).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof DaemonError);
      assert.equal(error.kind, 'protocol');
      const place: WirePlace = { field, offset: greetingInBytes + offset };
      assert.deepEqual(error.place, place);
      assert.match(error.message, reason);
      assert.equal(connection.isOpen, false);
      await assert.rejects(connection.isValidPath(path), { kind: 'closed' });
    }
  });

test('an answer that breaks off, wherever, is told as a closed connection', async () => {
  const whole = begun(new WireWriter(defaultStoreDirectory))
    .int(1)
    .path(path)
    .int(0)
    .int(1)
    .int(0)
    .int(0)
    .text('')
    .finish();
  for (let length = 0; length < whole.length; length += 3) {
    await using connection = await answeredWith(whole.subarray(0, length));
    await assert.rejects(connection.queryPathInfo(path), { kind: 'closed' });
  }
  await using connection = await answeredWith(whole);
  assert.deepEqual((await connection.queryPathInfo(path))?.references, [path]);
});

async function answeredWith(bytes: Buffer, pieceInBytes?: number): Promise<DaemonConnection> {
  const [client, server] = duplexPair();
  const question = new WireWriter(defaultStoreDirectory).int(26).path(path).finish();
  const exchange = {
    name: 'question',
    request: null,
    c2s: question.toString('hex'),
    s2c: bytes.toString('hex'),
  };
  // A client that has been answered enough hangs up.
  playDaemon(server, [handshake, exchange], pieceInBytes).catch(() => {});
  return DaemonConnection.over(client, defaultStoreDirectory);
}
