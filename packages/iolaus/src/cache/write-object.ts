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
  const { bytes: packed, contentEncoding } = await packObject(bytes, choice);
  return objects.put(key, packed, { contentType, ...contentEncoding, ifAbsent });
}

/** A small object as it is put, and what has to be said of it. */
export async function packObject(
  bytes: Uint8Array,
  choice: CompressionChoice,
): Promise<{ bytes: Uint8Array; contentEncoding: { readonly contentEncoding?: string } }> {
  const { compression } = choice;
  if (compression === 'none') return { bytes, contentEncoding: {} };
  const chunks: Uint8Array[] = [];
  const packing = { ...choice, sizeInBytes: bytes.length, parallel: false };
  for await (const chunk of compress([bytes], packing)) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), contentEncoding: { contentEncoding: compression } };
}
