import type { Duplex } from 'node:stream';
import { explain } from '../daemon/explain.ts';
import { operations } from '../daemon/operations/catalogue.ts';
import type { OperationName } from '../daemon/operations/catalogue.ts';
import type { Operation } from '../daemon/operations/operation.ts';
import type { Data } from '../daemon/upload.ts';
import { WireReader } from '../daemon/wire/reader.ts';
import type { StoreDirectory } from '../store-path/store-path.ts';
import type { Exchange, Handlers } from './handlers.ts';
import { receiveData } from './receive-data.ts';
import { greetClient } from './shake-hands.ts';
import type { Introduction } from './shake-hands.ts';
import { Speaker } from './speaker.ts';

/** How a client is served. */
export type ServeOptions = Introduction & {
  /** What all paths begin with. */
  readonly storeDirectory: StoreDirectory;
  readonly handlers: Handlers;
};

const namesByNumber: ReadonlyMap<number, OperationName> = new Map(
  namesOf(operations).map((name) => [operations[name].number, name]),
);

/**
 * Plays a daemon's part until the client hangs up. What the client sends that makes no sense ends the conversation, with
 * an error told twice, as daemons do.
 * @throws DaemonError (`protocol`, `refused`) for who is no client, or one that is too old
 */
export async function serveClient(stream: Duplex, options: ServeOptions): Promise<void> {
  const reader = new WireReader(stream, options.storeDirectory, 'client');
  const gone = new AbortController();
  stream.once('close', () => gone.abort());
  try {
    const protocol = await greetClient(stream, reader, options);
    const speaker = new Speaker(stream, options.storeDirectory, protocol);
    const serving = { reader, speaker, handlers: options.handlers, signal: gone.signal };
    while (await serveNext(serving));
  } catch (error) {
    if (reader.ended === null) throw explain('handshake', error, 'client');
  } finally {
    reader.leave();
    stream.end();
  }
}

type Serving = {
  readonly reader: WireReader;
  readonly speaker: Speaker;
  readonly handlers: Handlers;
  readonly signal: AbortSignal;
};

/** Returns whether there may be another request. */
async function serveNext(serving: Serving): Promise<boolean> {
  const { reader, speaker } = serving;
  const number = await reader.read((cursor) => cursor.int());
  const name = namesByNumber.get(number);
  try {
    if (name === undefined) throw new Error(`invalid operation ${number}`);
    const operation: Operation<unknown, unknown> = operations[name];
    const lack = operation.lacking(speaker.protocol);
    if (lack !== null) throw new Error(`invalid operation ${number}: ${lack}`);
    const request = await operation.request.read(reader, speaker.protocol);
    await perform(serving, name, operation, request);
    return true;
  } catch (error) {
    if (reader.ended !== null) return false;
    await speaker.fail(error);
    await speaker.fail(error);
    return false;
  }
}

async function perform(
  { reader, speaker, handlers, signal }: Serving,
  name: OperationName,
  operation: Operation<unknown, unknown>,
  request: unknown,
): Promise<void> {
  const way = operation.data(speaker.protocol);
  const data = receiveData(way, reader, speaker, operation.pulledBytes(request));
  const tell: Exchange['tell'] = (event) => speaker.tell(event);
  const handler: AnyHandler | undefined = handlers[name];
  let answer: unknown;
  let failure: { readonly error: unknown } | null = null;
  try {
    if (handler === undefined) throw new Error(`${operation.name} is not served here`);
    answer = await handler(request, { protocol: speaker.protocol, data, tell, signal });
  } catch (error) {
    failure = { error };
  }
  // A daemon that fails takes the rest all the same, so that the next request is found.
  for await (const _ of data);
  if (failure !== null) await speaker.fail(failure.error);
  else if (isArchive(answer)) await speaker.sendArchive(answer);
  else await speaker.answer(operation.reply, answer);
}

type AnyHandler = { handle(request: unknown, exchange: Exchange): unknown }['handle'];

function isArchive(answer: unknown): answer is Data {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
}

function namesOf<Name extends string>(named: Readonly<Record<Name, unknown>>): Name[] {
  const names: Name[] = [];
  for (const name in named) names.push(name);
  return names;
}
