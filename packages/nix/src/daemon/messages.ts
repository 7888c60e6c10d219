import { stripVTControlCharacters } from 'node:util';
import { DaemonError } from './daemon-error.ts';
import { since, speaks } from './protocol.ts';
import type { Protocol } from './protocol.ts';
import type { WireCursor } from './wire/cursor.ts';
import type { WireReader } from './wire/reader.ts';

const word = {
  last: 0x616c7473,
  error: 0x63787470,
  next: 0x6f6c6d67,
  startActivity: 0x53545254,
  stopActivity: 0x53544f50,
  result: 0x52534c54,
  read: 0x64617461,
  write: 0x64617416,
} as const;

const resultType = { logLine: 101, phase: 104, hookLogLine: 107 } as const;

/**
 * The daemon could not do what it was asked for, and says why. Not a `DaemonError` yet: those may also
 * come from listeners and archives that speak with other daemons, and mean nothing for this one.
 */
export class OperationFailed extends Error {
  override readonly name = 'OperationFailed';
}

/** What a daemon tells before its answer. Activities and progress are read and dropped. */
type DaemonMessage =
  | { readonly type: 'last' }
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'log-line'; readonly line: Buffer }
  | { readonly type: 'text'; readonly text: Buffer }
  | { readonly type: 'phase'; readonly phase: string }
  | { readonly type: 'data-wanted'; readonly limit: number }
  | { readonly type: 'other' };

const last: DaemonMessage = { type: 'last' };
const other: DaemonMessage = { type: 'other' };

/** Who wants to hear messages; while a returned promise is pending, nothing more is read. */
export type Listener = {
  /** A line, without newline, of what the builder says, or the daemon itself. Any bytes. */
  readonly onLog?: (line: Buffer) => void | Promise<void>;
  readonly onPhase?: (phase: string) => void;
  /** The daemon of an old protocol asks for at most `limit` bytes of the archive it is being sent. */
  readonly onDataWanted?: (limit: number) => Promise<void>;
};

/**
 * Reads messages up to the one after which the answer follows.
 * @throws OperationFailed if the daemon reports an error instead
 */
export async function readMessages(
  reader: WireReader,
  protocol: Protocol,
  listener: Listener = {},
): Promise<void> {
  const parse = (cursor: WireCursor) => parseMessage(cursor, protocol);
  for (;;) {
    const message = reader.tryRead(parse) ?? (await reader.read(parse));
    if (message.type === 'last') return;
    if (message.type === 'error') throw new OperationFailed(message.message);
    if (message.type === 'phase') listener.onPhase?.(message.phase);
    if (message.type === 'log-line') {
      const pending = listener.onLog?.(message.line);
      if (pending !== undefined) await pending;
    }
    if (message.type === 'text')
      for (const line of splitLines(message.text)) await listener.onLog?.(line);
    if (message.type === 'data-wanted') await giveData(listener, message.limit);
  }
}

/** Text of the daemon ends with a newline, mostly, and may have more than one. */
function splitLines(text: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    lines.push(text.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

async function giveData(listener: Listener, limit: number): Promise<void> {
  if (listener.onDataWanted === undefined)
    throw new DaemonError('protocol', 'The daemon asks for data, but has all');
  await listener.onDataWanted(limit);
}

function parseMessage(cursor: WireCursor, protocol: Protocol): DaemonMessage {
  const kind = cursor.int();
  switch (kind) {
    case word.last:
      return last;
    case word.error:
      return { type: 'error', message: parseErrorMessage(cursor, protocol) };
    case word.next:
      return { type: 'text', text: cursor.bytes() };
    case word.startActivity:
      return skipActivity(cursor);
    case word.stopActivity:
      cursor.skipInt();
      return other;
    case word.result:
      return parseResult(cursor);
    case word.read:
      return { type: 'data-wanted', limit: cursor.int() };
    case word.write:
      cursor.bytes();
      return other;
    default:
      throw new DaemonError('protocol', `The daemon sent a message of unknown type ${kind}`);
  }
}

function skipActivity(cursor: WireCursor): DaemonMessage {
  cursor.skipInt();
  cursor.skipInt();
  cursor.skipInt();
  cursor.bytes();
  parseTextFields(cursor);
  cursor.skipInt();
  return other;
}

function parseResult(cursor: WireCursor): DaemonMessage {
  cursor.skipInt();
  const type = cursor.int();
  const [text] = parseTextFields(cursor);
  if (text === undefined) return other;
  if (type === resultType.logLine || type === resultType.hookLogLine)
    return { type: 'log-line', line: text };
  if (type === resultType.phase) return { type: 'phase', phase: text.toString('utf8') };
  return other;
}

/** The fields that are strings; numbers may be of any size, and none is of use here. */
function parseTextFields(cursor: WireCursor): Buffer[] {
  const fields: Buffer[] = [];
  for (let count = cursor.int(); count > 0; count--) {
    const isText = cursor.boolean();
    if (isText) fields.push(cursor.bytes());
    else cursor.skipInt();
  }
  return fields;
}

/** An error as it follows its word: the message alone, without its traces. */
export function parseErrorMessage(cursor: WireCursor, protocol: Protocol): string {
  if (!speaks(protocol, since.structuredErrors)) {
    const message = cleanMessage(cursor.text());
    cursor.skipInt();
    return message;
  }
  cursor.bytes();
  cursor.skipInt();
  cursor.bytes();
  const message = cleanMessage(cursor.text());
  cursor.skipInt();
  cursor.list(() => {
    cursor.skipInt();
    cursor.bytes();
  });
  return message;
}

/** Whether a word begins an error, in places where anything else may stand. */
export function isErrorWord(value: number): boolean {
  return value === word.error;
}

/** A message of the daemon as plain text: without colours, and without saying that it is an error. */
export function cleanMessage(text: string): string {
  return stripVTControlCharacters(text).replace(/^error: /, '');
}
