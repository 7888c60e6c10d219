import assert from 'node:assert/strict';
import { duplexPair, Readable } from 'node:stream';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { fromBytes } from '../../byte-string.ts';
import type { ByteString } from '../../byte-string.ts';
import { defaultStoreDirectory, parseBaseName } from '../../store-path/store-path.ts';
import { newestVersion } from '../protocol.ts';
import { list } from './composite.ts';
import type { WireCursor } from './cursor.ts';
import { text } from './layout.ts';
import { WireReader } from './reader.ts';
import { WireWriter } from './writer.ts';

const texts = list(text);
const protocol = { version: newestVersion, features: new Set<string>() };

type Value =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: ByteString }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'path'; readonly value: number }
  | { readonly type: 'texts'; readonly value: readonly string[] };

const values: fc.Arbitrary<Value> = fc.oneof(
  fc.record({ type: fc.constant('int' as const), value: fc.maxSafeNat() }),
  fc.record({ type: fc.constant('boolean' as const), value: fc.boolean() }),
  fc.record({
    type: fc.constant('string' as const),
    value: fc.uint8Array({ maxLength: 600 }).map((bytes) => fromBytes(bytes)),
  }),
  fc.record({ type: fc.constant('text' as const), value: fc.string({ unit: 'grapheme' }) }),
  fc.record({ type: fc.constant('path' as const), value: fc.nat() }),
  fc.record({ type: fc.constant('texts' as const), value: fc.array(fc.string()) }),
);

test('what is written is read, however it is cut in pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(values),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
      async (units, sizes) => {
        const writer = new WireWriter(defaultStoreDirectory);
        for (const unit of units) write(writer, unit);
        const [client, server] = duplexPair();
        const reader = new WireReader(client, defaultStoreDirectory);
        void sendInPieces(server, writer.finish(), sizes);
        for (const unit of units) assert.deepEqual(await read(reader, unit), unit.value);
        assert.equal(reader.bufferedBytes, 0);
        await assert.rejects(
          reader.read((cursor) => cursor.int()),
          { kind: 'closed' },
        );
      },
    ),
  );
});

test('raw bytes are handed out as they come, never more than wanted', async () => {
  const [client, server] = duplexPair();
  const reader = new WireReader(client, defaultStoreDirectory);
  server.end('abcdefgh');
  assert.equal((await reader.peek(2)).toString(), 'ab');
  assert.equal((await reader.readSome(3)).toString(), 'abc');
  assert.equal((await reader.readSome(100)).toString(), 'defgh');
  await assert.rejects(reader.readSome(1), { kind: 'closed' });
});

test('a daemon that says more than is read is held up, and goes on when it is read', async () => {
  const chunk = Buffer.alloc(16 * 1024);
  let sent = 0;
  const endless = Readable.from(
    (function* () {
      for (;;) {
        sent += chunk.length;
        yield chunk;
      }
    })(),
  );
  const [client, server] = duplexPair();
  const reader = new WireReader(client, defaultStoreDirectory);
  endless.pipe(server);
  await reader.readSome(1);
  await manyTurns();
  const held = sent;
  assert.ok(held < 1024 * 1024);
  await manyTurns();
  assert.equal(sent, held);
  for (let read = 0; read < 10 * held;) read += (await reader.readSome(held)).length;
  assert.ok(sent > 9 * held);
  endless.destroy();
  client.destroy();
});

test('a string larger than what is held at most is read whole', async () => {
  const [client, server] = duplexPair();
  const reader = new WireReader(client, defaultStoreDirectory);
  const large = fromBytes(Buffer.alloc(3_000_001, 'x'));
  const request = new WireWriter(defaultStoreDirectory).string(large).finish();
  void sendInPieces(server, request, [64 * 1024]);
  assert.equal((await reader.read((cursor) => cursor.bytes())).length, large.length);
  client.destroy();
});

function write(writer: WireWriter, unit: Value): void {
  if (unit.type === 'int') writer.int(unit.value);
  if (unit.type === 'boolean') writer.boolean(unit.value);
  if (unit.type === 'string') writer.string(unit.value);
  if (unit.type === 'text') writer.text(unit.value);
  if (unit.type === 'path') writer.path(pathOf(unit.value));
  if (unit.type === 'texts') texts.write(writer, unit.value, protocol);
}

async function read(reader: WireReader, unit: Value): Promise<Value['value']> {
  if (unit.type === 'texts') return texts.read(reader, protocol);
  return reader.read((cursor) => parse(cursor, unit.type));
}

function parse(cursor: WireCursor, type: Exclude<Value['type'], 'texts'>): Value['value'] {
  if (type === 'int') return cursor.int();
  if (type === 'boolean') return cursor.boolean();
  if (type === 'string') return fromBytes(cursor.bytes());
  if (type === 'text') return cursor.text();
  return Number.parseInt(cursor.path().slice(0, 32), 10);
}

function pathOf(index: number) {
  return parseBaseName(`${String(index).padStart(32, '0')}-path`);
}

async function sendInPieces(
  stream: Duplex,
  bytes: Buffer,
  sizes: readonly number[],
): Promise<void> {
  let start = 0;
  for (let piece = 0; start < bytes.length; piece++) {
    const size = sizes[piece % sizes.length] ?? 1;
    stream.write(bytes.subarray(start, start + size));
    start += size;
    await nextTurn();
  }
  stream.end();
}

async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await nextTurn();
}
