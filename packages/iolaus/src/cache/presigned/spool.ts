import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A stream that came to its end, on disk. */
export type Spooled = AsyncDisposable & {
  readonly sizeInBytes: number;
  /** All of it, as often as one likes. */
  read(): AsyncIterable<Uint8Array>;
};

/** As much as is sent in one go. */
const pieceBytes = 64 * 1024;

/** Keeps a stream whose length has to be known before it is sent, in a file without a name: whoever is killed leaves nothing. */
export async function spool(chunks: AsyncIterable<Uint8Array>): Promise<Spooled> {
  await using opening = new AsyncDisposableStack();
  const path = join(tmpdir(), `iolaus-upload-${randomUUID()}`);
  const file = opening.use(await open(path, 'wx+', 0o600));
  await unlink(path);
  let sizeInBytes = 0;
  for await (const chunk of chunks) {
    await file.appendFile(chunk);
    sizeInBytes += chunk.length;
  }
  const spooled = opening.move();
  return {
    sizeInBytes,
    read: () => readFromStart(file, sizeInBytes),
    [Symbol.asyncDispose]: () => spooled.disposeAsync(),
  };
}

/** For each try to send it: a stream of Node's would close the file with itself. */
async function* readFromStart(
  file: FileHandle,
  sizeInBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let position = 0; position < sizeInBytes;) {
    const piece = Buffer.allocUnsafe(pieceBytes);
    const { bytesRead } = await file.read(piece, 0, pieceBytes, position);
    yield piece.subarray(0, bytesRead);
    position += bytesRead;
  }
}
