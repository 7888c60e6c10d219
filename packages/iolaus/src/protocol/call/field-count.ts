import type { DescMessage } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { OversizedMessage } from './message-frame.ts';

// Each field may become an object of some hundred bytes. Below a megabyte that is little.
const uncountedBytesMax = 1024 * 1024;
// Twice what the largest reports of ours have (`translation/fit-report.ts`).
const fieldsMax = 300_000;

/** Which fields of a message are messages, and what these are like. */
type Shape = (field: number) => Shape | undefined;

/** Throws for a message that would become a multiple of its size when it is read, and for bytes that are none. */
export function refuseManyFields(schema: DescMessage, bytes: Uint8Array): void {
  if (bytes.length <= uncountedBytesMax) return;
  if (countFields(shapeOf(schema), new BinaryReader(bytes), bytes.length) <= fieldsMax) return;
  throw new OversizedMessage(`a ${schema.name} may have ${fieldsMax} fields`);
}

function countFields(shape: Shape, reader: BinaryReader, end: number): number {
  let count = 0;
  while (reader.pos < end && count <= fieldsMax) {
    const [number, type] = reader.tag();
    const inner = type === WireType.LengthDelimited ? shape(number) : undefined;
    count += 1;
    if (inner === undefined) reader.skip(type, number);
    else {
      const bytes = reader.uint32();
      count += countFields(inner, reader, reader.pos + bytes);
    }
  }
  return count;
}

const shapeOf =
  (schema: DescMessage): Shape =>
  (number) => {
    const field = schema.fields.find((candidate) => candidate.number === number);
    if (field?.message === undefined) return undefined;
    const inner = shapeOf(field.message);
    return field.fieldKind === 'map' ? (part) => (part === 2 ? inner : undefined) : inner;
  };
