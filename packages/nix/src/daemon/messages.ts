import { plainMessage } from './plain-message.ts';
import { since, speaks } from './protocol.ts';
import { after, constant, depending, list, mapped, obsolete, record } from './wire/composite.ts';
import type { WireCursor } from './wire/cursor.ts';
import { bigint, bytes, int, unit } from './wire/layout.ts';
import type { Layout } from './wire/layout.ts';
import { Malformed } from './wire/malformed.ts';

/** A fact about an activity: a number, or any bytes. */
export type MessageField = bigint | Uint8Array;

/** Why a daemon could not do what it was asked for. */
export type ErrorReport = {
  /** 0 for errors, 1 for warnings, and so on. */
  readonly level: number;
  readonly message: string;
  readonly traces: readonly string[];
};

/** What a daemon sends between a request and its reply. */
export type Message =
  | { readonly type: 'last' }
  | { readonly type: 'error'; readonly error: ErrorReport }
  | { readonly type: 'text'; readonly text: Uint8Array }
  | {
      readonly type: 'start-activity';
      readonly id: bigint;
      readonly level: number;
      readonly kind: number;
      readonly text: string;
      readonly fields: readonly MessageField[];
      readonly parent: bigint;
    }
  | { readonly type: 'stop-activity'; readonly id: bigint }
  | {
      readonly type: 'result';
      readonly id: bigint;
      readonly kind: number;
      readonly fields: readonly MessageField[];
    }
  | { readonly type: 'data-wanted'; readonly limit: number }
  | { readonly type: 'data'; readonly data: Uint8Array };

type MessageOf<Type> = Extract<Message, { readonly type: Type }>;

const words: Readonly<Record<Message['type'], number>> = {
  last: 0x616c7473,
  error: 0x63787470,
  text: 0x6f6c6d67,
  'start-activity': 0x53545254,
  'stop-activity': 0x53544f50,
  result: 0x52534c54,
  'data-wanted': 0x64617461,
  data: 0x64617416,
};

/** What an error begins with, in places where anything else may stand. */
export const errorWord = words.error;

const structuredError: Layout<ErrorReport> = record({
  level: after(skippedText('Error'), int),
  message: after(skippedText('Error'), plainMessage),
  traces: after(obsolete(0), list(after(obsolete(0), plainMessage))),
});

/** Before 1.26: a message, and a status to exit with. */
const simpleError: Layout<ErrorReport> = mapped(
  record({ message: plainMessage, status: int }),
  ({ message }) => ({ level: 0, message, traces: [] }),
  ({ message }) => ({ message, status: 1 }),
);

/** An error as it follows its word. */
export const errorReport: Layout<ErrorReport> = depending((protocol) =>
  speaks(protocol, since.structuredErrors) ? structuredError : simpleError,
);

function skippedText(always: string): Layout<void> {
  return mapped(
    bytes,
    () => {},
    () => Buffer.from(always),
  );
}

const field: Layout<MessageField> = unit(
  (writer, value) =>
    typeof value === 'bigint' ? writer.int(0).bigint(value) : writer.int(1).bytes(value),
  (cursor) => (cursor.boolean() ? cursor.bytes() : cursor.bigint()),
);

const bodies: { readonly [Type in Message['type']]: Layout<MessageOf<Type>> } = {
  last: record<MessageOf<'last'>>({ type: constant('last') }),
  error: record<MessageOf<'error'>>({ type: constant('error'), error: errorReport }),
  text: record<MessageOf<'text'>>({ type: constant('text'), text: bytes }),
  'start-activity': record<MessageOf<'start-activity'>>({
    type: constant('start-activity'),
    id: bigint,
    level: int,
    kind: int,
    text: plainMessage,
    fields: list(field),
    parent: bigint,
  }),
  'stop-activity': record<MessageOf<'stop-activity'>>({
    type: constant('stop-activity'),
    id: bigint,
  }),
  result: record<MessageOf<'result'>>({
    type: constant('result'),
    id: bigint,
    kind: int,
    fields: list(field),
  }),
  'data-wanted': record<MessageOf<'data-wanted'>>({ type: constant('data-wanted'), limit: int }),
  data: record<MessageOf<'data'>>({ type: constant('data'), data: bytes }),
};

const types: readonly Message['type'][] = [
  'last',
  'error',
  'text',
  'start-activity',
  'stop-activity',
  'result',
  'data-wanted',
  'data',
];
const bodiesByWord = new Map(types.map((type) => [words[type], bodyOf(type)]));

/** A message with its word. */
export const message: Layout<Message> = {
  write(writer, value, protocol) {
    writer.int(words[value.type]);
    bodyOf(value.type).write(writer, value, protocol);
  },
  parse: (cursor, protocol) => nextBody(cursor).parse(cursor, protocol),
  read: async (reader, protocol) => (await reader.read(nextBody)).read(reader, protocol),
};

function bodyOf(type: Message['type']): Layout<Message> {
  return bodies[type];
}

function nextBody(cursor: WireCursor): Layout<Message> {
  const { offset } = cursor;
  const word = cursor.int();
  const body = bodiesByWord.get(word);
  if (body === undefined) throw new Malformed(`a message of unknown type ${word}`, offset);
  return body;
}
