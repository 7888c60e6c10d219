import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { CallError } from '../call-error.ts';
import { refuseManyFields } from './field-count.ts';
import { messageLimitBytes } from '../version.ts';

/** Throws `CallError('out-of-range')` for a message that the other side would refuse. */
export function encode<S extends DescMessage>(schema: S, message: MessageShape<S>): Uint8Array {
  const bytes = toBinary(schema, message);
  if (bytes.length > messageLimitBytes) {
    throw new CallError(
      'out-of-range',
      `a ${schema.name} of ${bytes.length} bytes exceeds the limit of ${messageLimitBytes} bytes`,
    );
  }
  return bytes;
}

/** Throws `CallError('invalid-argument')` for bytes that are no such message, `out-of-range` for too many fields. Views into `bytes`, no copies. */
export function decode<S extends DescMessage>(schema: S, bytes: Uint8Array): MessageShape<S> {
  try {
    refuseManyFields(schema, bytes);
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch (error) {
    if (error instanceof CallError) throw error;
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
