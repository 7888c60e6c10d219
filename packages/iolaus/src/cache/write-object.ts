import { compress } from './compression/compress.ts';
import type { CompressionChoice } from './compression/compression.ts';
import type { ObjectStore, PutOutcome } from './objects/object-store.ts';

/** Puts a small object, compressed as its Content-Encoding then says. */
export async function writeObject(
  objects: ObjectStore,
  key: string,
  bytes: Uint8Array,
  options: {
    readonly contentType: string;
    readonly choice: CompressionChoice;
    readonly ifAbsent?: boolean;
  },
): Promise<PutOutcome> {
  const { contentType, choice, ifAbsent = false } = options;
  const { compression } = choice;
  if (compression === 'none') return objects.put(key, bytes, { contentType, ifAbsent });
  const chunks: Uint8Array[] = [];
  const packing = { ...choice, sizeInBytes: bytes.length, parallel: false };
  for await (const chunk of compress([bytes], packing)) chunks.push(chunk);
  const headers = { contentType, contentEncoding: compression, ifAbsent };
  return objects.put(key, Buffer.concat(chunks), headers);
}
