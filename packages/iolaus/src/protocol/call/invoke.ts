import type {
  DescMessage,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageShape,
} from '@bufbuild/protobuf';
import type { Connection } from './connection.ts';
import { decode, decodeAll, encode } from './message-codec.ts';
import { readOnlyMessage } from './message-reader.ts';
import type { OutgoingCall } from './outgoing-call.ts';
import { methodPath } from './route.ts';

export type CallOptions = { readonly signal?: AbortSignal };

/** One message for one message. Throws `CallError`. */
export async function invoke<I extends DescMessage, O extends DescMessage>(
  connection: Connection,
  method: DescMethodUnary<I, O>,
  request: MessageShape<I>,
  options: CallOptions = {},
): Promise<MessageShape<O>> {
  const message = encode(method.input, request);
  const call = connection.call(methodPath(method), options.signal);
  void call.writer.write(message);
  call.writer.end();
  return decode(method.output, await readOnlyMessage(call.messages()));
}

/** Many messages for one. Throws `CallError` as soon as the call fails, and what `requests` throws. */
export async function invokeUpload<I extends DescMessage, O extends DescMessage>(
  connection: Connection,
  method: DescMethodClientStreaming<I, O>,
  requests: AsyncIterable<MessageShape<I>>,
  options: CallOptions = {},
): Promise<MessageShape<O>> {
  const call = connection.call(methodPath(method), options.signal);
  // The source's own failure is what the caller wants to hear of, not that the call was given up because of it.
  const source: { failure?: unknown } = {};
  void writeAll(call, method.input, requests).catch((error: unknown) => {
    source.failure = error;
    call.cancel(error);
  });
  try {
    return decode(method.output, await readOnlyMessage(call.messages()));
  } catch (error) {
    throw source.failure ?? error;
  }
}

/** One message for many. Leaving the loop early gives up the call. Throws `CallError`. */
export async function* invokeDownload<I extends DescMessage, O extends DescMessage>(
  connection: Connection,
  method: DescMethodServerStreaming<I, O>,
  request: MessageShape<I>,
  options: CallOptions = {},
): AsyncGenerator<MessageShape<O>, void, void> {
  const message = encode(method.input, request);
  const call = connection.call(methodPath(method), options.signal);
  void call.writer.write(message);
  call.writer.end();
  yield* decodeAll(method.output, call.messages());
}

async function writeAll<S extends DescMessage>(
  call: OutgoingCall,
  schema: S,
  requests: AsyncIterable<MessageShape<S>>,
): Promise<void> {
  for await (const request of requests) {
    if (!(await call.writer.write(encode(schema, request)))) break;
  }
  call.writer.end();
}
