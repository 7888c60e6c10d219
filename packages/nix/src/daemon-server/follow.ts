import { features, magic, trust } from '../daemon/handshake.ts';
import { errorReport, errorWord, message } from '../daemon/messages.ts';
import { operations } from '../daemon/operations/catalogue.ts';
import type { Operation } from '../daemon/operations/operation.ts';
import {
  knownFeatures,
  negotiateVersion,
  newestVersion,
  since,
  speaks,
} from '../daemon/protocol.ts';
import type { Protocol } from '../daemon/protocol.ts';
import { readEvent } from '../daemon/read-event.ts';
import { readArchive } from '../daemon/wire/archive-reader.ts';
import { readFrames } from '../daemon/wire/frame-reader.ts';
import { bytes, text } from '../daemon/wire/layout.ts';
import { Malformed } from '../daemon/wire/malformed.ts';
import type { WireReader } from '../daemon/wire/reader.ts';
import type { Trace } from './trace.ts';

/** Both directions of a conversation that others have. */
export type Overheard = { readonly client: WireReader; readonly daemon: WireReader };

const operationsByNumber = new Map<number, Operation<unknown, unknown>>(
  Object.values(operations).map((operation) => [operation.number, operation]),
);

/** Understands a conversation between a client and a daemon, and tells of it. Ends, or fails, with it. */
export async function follow(overheard: Overheard, onTrace: (trace: Trace) => void): Promise<void> {
  const protocol = await followGreeting(overheard, onTrace);
  for (;;) {
    const operation = await nextOperation(overheard.client);
    if (operation === null) return onTrace({ type: 'end' });
    const request = await operation.request.read(overheard.client, protocol);
    onTrace({ type: 'request', operation: operation.name, request });
    await followAnswer(overheard, protocol, operation, request, onTrace);
  }
}

async function followGreeting(
  { client, daemon }: Overheard,
  onTrace: (trace: Trace) => void,
): Promise<Protocol> {
  await expectWord(client, magic.client);
  await expectWord(daemon, magic.daemon);
  const theirs = await daemon.read((cursor) => cursor.int());
  const encoded = await client.read((cursor) => cursor.int());
  const version = negotiateVersion(
    negotiateVersion({ ...newestVersion, minor: 255 }, encoded),
    theirs,
  );
  const agreed = await followFeatures({ client, daemon }, version);
  if (await client.read((cursor) => cursor.boolean())) await client.read((cursor) => cursor.int());
  await client.read((cursor) => cursor.int());
  const nixVersion = speaks(agreed, since.daemonVersion) ? await text.read(daemon, agreed) : null;
  const trusted = speaks(agreed, since.trust) ? await trust.read(daemon, agreed) : 'unknown';
  await followMessages(daemon, agreed, 'handshake', onTrace);
  onTrace({
    type: 'greeting',
    protocol: `${version.major}.${version.minor}`,
    features: [...agreed.features],
    nixVersion,
    trust: trusted,
  });
  return agreed;
}

async function followFeatures(
  { client, daemon }: Overheard,
  version: Protocol['version'],
): Promise<Protocol> {
  const none = { version, features: new Set<string>() };
  if (!speaks(none, since.features)) return none;
  const wanted = new Set(await features.read(client, none));
  const common = wanted.intersection(new Set(await features.read(daemon, none)));
  const strange = [...common].filter((feature) => !knownFeatures.includes(feature));
  if (strange.length > 0)
    throw new Malformed(`the unknown feature ${strange.join(', ')}`, daemon.offset, 'features');
  return { version, features: common };
}

async function expectWord(reader: WireReader, word: number): Promise<void> {
  const { offset } = reader;
  if ((await reader.read((cursor) => cursor.int())) !== word)
    throw new Malformed('another greeting than those of Nix', offset, 'magic');
}

/** Null when the client hangs up between two requests. */
async function nextOperation(client: WireReader): Promise<Operation<unknown, unknown> | null> {
  const { offset } = client;
  let number;
  try {
    number = await client.read((cursor) => cursor.int());
  } catch (error) {
    if (client.ended !== null && client.bufferedBytes === 0) return null;
    throw error;
  }
  const operation = operationsByNumber.get(number);
  if (operation === undefined) throw new Malformed(`an unknown operation ${number}`, offset);
  return operation;
}

async function followAnswer(
  { client, daemon }: Overheard,
  protocol: Protocol,
  operation: Operation<unknown, unknown>,
  request: unknown,
  onTrace: (trace: Trace) => void,
): Promise<void> {
  const { name } = operation;
  const way = operation.data(protocol);
  const data = dataOf(operation, client, protocol, request);
  const [moved, succeeded] = await Promise.all([
    data === null ? 0 : sizeOf(data),
    followMessages(daemon, protocol, name, onTrace),
  ]);
  if (data !== null) onTrace({ type: 'data', operation: name, bytes: moved });
  if (!succeeded) return;
  if (way === 'archive') await followArchive(daemon, protocol, name, onTrace);
  else
    onTrace({
      type: 'reply',
      operation: name,
      reply: await operation.reply.read(daemon, protocol),
    });
}

function dataOf(
  operation: Operation<unknown, unknown>,
  client: WireReader,
  protocol: Protocol,
  request: unknown,
): AsyncIterable<Uint8Array> | null {
  switch (operation.data(protocol)) {
    case 'framed':
      return readFrames(client);
    case 'inline':
      return readArchive(client);
    case 'pulled':
      return readPulled(client, protocol, operation.pulledBytes(request));
    default:
      return null;
  }
}

async function* readPulled(
  client: WireReader,
  protocol: Protocol,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let remaining = size; remaining > 0;) {
    const portion = await bytes.read(client, protocol);
    remaining -= portion.length;
    yield portion;
  }
}

async function sizeOf(data: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of data) size += chunk.length;
  return size;
}

/** Returns whether a reply follows, and not an error instead. */
async function followMessages(
  daemon: WireReader,
  protocol: Protocol,
  operation: string,
  onTrace: (trace: Trace) => void,
): Promise<boolean> {
  for (;;) {
    const said = await message.read(daemon, protocol);
    if (said.type === 'last') return true;
    if (said.type === 'error') {
      onTrace({ type: 'error', operation, error: said.error });
      return false;
    }
    const event = readEvent(said);
    if (event !== null) onTrace({ type: 'event', operation, event });
  }
}

/** A daemon without the archive sends an error instead. */
async function followArchive(
  daemon: WireReader,
  protocol: Protocol,
  operation: string,
  onTrace: (trace: Trace) => void,
): Promise<void> {
  const wordInBytes = 8;
  if ((await daemon.peek(wordInBytes)).readUInt32LE() !== errorWord) {
    onTrace({ type: 'data', operation, bytes: await sizeOf(readArchive(daemon)) });
    return;
  }
  await daemon.read((cursor) => cursor.int());
  onTrace({ type: 'error', operation, error: await errorReport.read(daemon, protocol) });
}
