import type { Duplex } from 'node:stream';

/** Writes, and waits until the stream takes more or is closed; its reader tells about the latter. */
export async function send(stream: Duplex, bytes: Uint8Array): Promise<void> {
  if (stream.destroyed || stream.write(bytes)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once('drain', resolve).once('close', resolve);
  await promise;
  stream.off('drain', resolve).off('close', resolve);
}
