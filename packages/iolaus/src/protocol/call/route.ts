import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type {
  DescMessage,
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageShape,
} from '@bufbuild/protobuf';
import { CallError } from '../call-error.ts';
import type { Caller } from '../caller.ts';
import type { IncomingCall } from './incoming-call.ts';
import { readOnlyMessage } from './message-reader.ts';

/** Answers a call up to its status, which follows from how the promise settles. */
export type Route = readonly [path: string, answer: (call: IncomingCall) => Promise<void>];

export const methodPath = (method: DescMethod): string =>
  `/${method.parent.typeName}/${method.name}`;

export function unaryRoute<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  handle: (request: MessageShape<I>, caller: Caller) => Promise<MessageShape<O>>,
): Route {
  return [
    methodPath(method),
    async (call) => {
      const request = decode(method.input, await readOnlyMessage(call.messages));
      await call.write(toBinary(method.output, await handle(request, call.caller)));
    },
  ];
}

/** The caller sends many messages and gets one. */
export function uploadRoute<I extends DescMessage, O extends DescMessage>(
  method: DescMethodClientStreaming<I, O>,
  handle: (requests: AsyncIterable<MessageShape<I>>, caller: Caller) => Promise<MessageShape<O>>,
): Route {
  return [
    methodPath(method),
    async (call) => {
      const requests = decodeAll(method.input, call.messages);
      await call.write(toBinary(method.output, await handle(requests, call.caller)));
    },
  ];
}

/** The caller sends one message and gets many. */
export function downloadRoute<I extends DescMessage, O extends DescMessage>(
  method: DescMethodServerStreaming<I, O>,
  handle: (request: MessageShape<I>, caller: Caller) => AsyncIterable<MessageShape<O>>,
): Route {
  return [
    methodPath(method),
    async (call) => {
      const request = decode(method.input, await readOnlyMessage(call.messages));
      for await (const answer of handle(request, call.caller)) {
        if (!(await call.write(toBinary(method.output, answer)))) break;
      }
    },
  ];
}

/** Both send as they like. */
export function conversationRoute<I extends DescMessage, O extends DescMessage>(
  method: DescMethodBiDiStreaming<I, O>,
  handle: (
    requests: AsyncIterable<MessageShape<I>>,
    write: (answer: MessageShape<O>) => Promise<boolean>,
    call: IncomingCall,
  ) => Promise<void>,
): Route {
  return [
    methodPath(method),
    (call) =>
      handle(
        decodeAll(method.input, call.messages),
        (answer) => call.write(toBinary(method.output, answer)),
        call,
      ),
  ];
}

/** Throws `CallError('invalid-argument')` for bytes that are no such message. Views into `bytes`, no copies. */
export function decode<S extends DescMessage>(schema: S, bytes: Uint8Array): MessageShape<S> {
  try {
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch (error) {
    throw new CallError('invalid-argument', `this is no ${schema.typeName}`, { cause: error });
  }
}

/** As `decode`, one by one. */
export async function* decodeAll<S extends DescMessage>(
  schema: S,
  messages: AsyncIterable<Uint8Array>,
): AsyncGenerator<MessageShape<S>, void, void> {
  for await (const message of messages) yield decode(schema, message);
}
