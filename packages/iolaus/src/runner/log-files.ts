import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { mkdir, stat, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { DerivationPath } from '@iolaus/nix';

/**
 * Where the log of a derivation lies: `ab/cdef…-name.drv` below the log directory. Hydra's web pages look there
 * (`build-logs` in its data directory).
 */
export function logFilePath(directory: string, derivation: DerivationPath): string {
  return join(directory, derivation.slice(0, 2), derivation.slice(2));
}

/** Writes a log into a file; see `writeLogFile`. */
export type WriteLog = (
  file: string,
  data: AsyncIterable<Uint8Array>,
  limitBytes: number,
  offset: number,
) => Promise<void>;

/**
 * Writes a log as it arrives, from the offset on: what is behind it makes way, an earlier attempt's log altogether. Nothing
 * beyond `limitBytes` is kept, though everything is read, so that the sender does not stand still.
 */
export async function writeLogFile(
  file: string,
  data: AsyncIterable<Uint8Array>,
  limitBytes: number,
  offset: number,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  if (offset > 0) await truncate(file, offset);
  const stream = createWriteStream(file, { flags: offset > 0 ? 'a' : 'w' });
  try {
    await copyUpTo(stream, data, limitBytes - offset);
  } finally {
    stream.end();
    await finished(stream);
  }
}

/** How much of a log is there, in bytes. */
export async function logFileBytes(file: string): Promise<number> {
  return (await stat(file).catch(() => null))?.size ?? 0;
}

async function copyUpTo(
  stream: WriteStream,
  data: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<void> {
  let left = limitBytes;
  for await (const chunk of data) {
    if (left <= 0) continue;
    const kept = chunk.subarray(0, left);
    left -= kept.length;
    if (!stream.write(kept)) await drained(stream);
  }
}

/** Waits until there is room again, or throws what went wrong with the file. */
function drained(stream: WriteStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => () => {
      stream.off('drain', onDrain).off('error', onError).off('close', onDrain);
      act();
    };
    const onDrain = settle(resolve);
    const onError = settle(() => reject(stream.errored ?? new Error('the log file was closed')));
    stream.once('drain', onDrain).once('error', onError).once('close', onDrain);
  });
}
