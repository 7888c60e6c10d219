import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { openFile } from './confined-files.ts';
import type { Folder } from './confined-files.ts';

/** Bytes, and lower-case base 16. */
export type FileDigest = { readonly size: number; readonly sha256: string };

// Hashed in a quarter of a millisecond, so that nothing else in the program waits for long.
const chunkBytes = 256 * 1024;

/** Size and hash of a regular file; null if it is none or may not be read. */
export async function hashFile(
  folder: Folder,
  name: string,
  signal: AbortSignal | undefined,
): Promise<FileDigest | null> {
  await using file = await openFile(folder, name);
  return file === null ? null : await digest(file, signal);
}

/** Reads as many bytes as the file has now: one that keeps growing is not followed to its end. */
async function digest(file: FileHandle, signal: AbortSignal | undefined): Promise<FileDigest> {
  const { size } = await file.stat();
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(chunkBytes, size)));
  let position = 0;
  while (position < size) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(
      buffer,
      0,
      Math.min(buffer.length, size - position),
      position,
    );
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return { size: position, sha256: hash.digest('hex') };
}
