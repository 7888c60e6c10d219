import { Duplex, Readable } from 'node:stream';
import type { FuzzTarget } from '../../fuzz/fuzz-target.ts';
import { defaultStoreDirectory } from '../store-path/store-path.ts';
import { readRecordings } from '../testing/recorded-daemon.ts';
import type { Recording } from '../testing/recorded-daemon.ts';
import { DaemonConnection } from './connection.ts';
import { explain } from './explain.ts';
import { operations } from './operations/catalogue.ts';
import type { Operation } from './operations/operation.ts';
import { newestVersion } from './protocol.ts';
import { WireCursor } from './wire/cursor.ts';
import { readFrames } from './wire/frame-reader.ts';
import { Malformed } from './wire/malformed.ts';
import { WireReader } from './wire/reader.ts';

const wordInBytes = 8;
/** Our version, and then our features. */
const writesOfGreeting = 2;
const recordings = readRecordings('2.34.8');
const greeting = bytesOf(recorded('handshake').s2c);
const protocol = { version: newestVersion, features: new Set<string>() };

/** Of every shape: lists, records, maps, variants, messages with activities, results of builds. */
const answered = [
  'query-path-info-nar',
  'query-valid-paths',
  'query-missing',
  'query-derivation-output-map',
  'query-realisation',
  'find-roots',
  'collect-garbage-specific',
  'query-substitutable-path-infos',
  'ensure-path-fails',
  'build-derivation',
  'build-paths-with-results',
];

/** With data behind them in frames, and without. */
const asked = [
  'set-options',
  'query-valid-paths',
  'add-to-store-text',
  'add-to-store-nar',
  'add-multiple-to-store',
  'register-drv-output',
  'collect-garbage-specific',
  'query-substitutable-path-infos',
  'build-derivation',
  'build-paths-with-results',
];

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "a daemon's greeting",
    seeds: () => [greeting],
    parse: async (input) => {
      (await connectTo(input, Buffer.alloc(0))).destroy();
    },
  },
  ...answered.map((name): FuzzTarget => {
    const exchange = recorded(name);
    return {
      name: `a daemon's answer to ${name}`,
      seeds: () => [bytesOf(exchange.s2c)],
      parse: (input) => hear(exchange, input),
    };
  }),
  {
    name: "a client's requests",
    seeds: () => asked.map((name) => bytesOf(recorded(name).c2s)),
    parse: readRequest,
  },
];

/** Asks what was asked when it was recorded, and is answered with `input`. */
async function hear(exchange: Recording, input: Buffer): Promise<void> {
  const sent = bytesOf(exchange.c2s);
  const operation = operationOf(sent.readUInt32LE());
  const cursor = new WireCursor(defaultStoreDirectory);
  cursor.append([sent.subarray(wordInBytes)]);
  const request = operation.request.parse(cursor, protocol);
  const connection = await connectTo(greeting, input);
  try {
    await connection.ask(operation, request, { onEvent() {} });
  } finally {
    connection.destroy();
  }
}

/** As a server does, but for the handlers. */
async function readRequest(input: Buffer): Promise<void> {
  const reader = new WireReader(Readable.from([input]), defaultStoreDirectory, 'client');
  try {
    const operation = operationOf(await reader.read((cursor) => cursor.int()));
    await operation.request.read(reader, protocol);
    if (operation.data(protocol) !== 'framed') return;
    for await (const chunk of readFrames(reader)) chunk.at(0);
  } catch (error) {
    throw explain('request', error, 'client');
  }
}

function connectTo(hello: Buffer, answer: Buffer): Promise<DaemonConnection> {
  return DaemonConnection.over(playing(hello, answer), defaultStoreDirectory);
}

/** Says `hello`, and `answer` when something is asked, and hangs up. */
function playing(hello: Buffer, answer: Buffer): Duplex {
  let heard = 0;
  const stream = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      heard += 1;
      if (heard === writesOfGreeting + 1) stream.push(answer);
      if (heard > writesOfGreeting || answer.length === 0) stream.push(null);
      done();
    },
  });
  stream.push(hello);
  return stream;
}

function operationOf(number: number): Operation<unknown, unknown> {
  const operation = Object.values(operations).find((each) => each.number === number);
  if (operation === undefined) throw new Malformed(`an unknown operation ${number}`, 0);
  return operation;
}

function recorded(name: string): Recording {
  const recording = recordings.find((each) => each.name === name);
  if (recording === undefined) throw new Error(`There is no recording ${name}`);
  return recording;
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}
