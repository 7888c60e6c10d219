import type {
  DescMessage,
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageShape,
} from '@bufbuild/protobuf';
import type { Caller } from '../caller.ts';
import type { IncomingCall } from './incoming-call.ts';
import { decode, decodeAll, encode } from './message-codec.ts';
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
      await call.write(encode(method.output, await handle(request, call.caller)));
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
      await call.write(encode(method.output, await handle(requests, call.caller)));
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
        if (!(await call.write(encode(method.output, answer)))) break;
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
        async (answer) => call.write(encode(method.output, answer)),
        call,
      ),
  ];
}
