import { createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { decompress } from '../../cache/compression/decompress.ts';

/** A log that can be read at any place, by many at once; each closes their own. */
export type LogHandle = Pick<FileHandle, 'read' | 'stat' | 'createReadStream' | 'close'>;

type Unpacked = {
  readonly file: Promise<FileHandle>;
  readers: number;
  timer: NodeJS.Timeout | undefined;
};

// Whoever looks at a log asks for one part of it after the other.
const keptMilliseconds = 60_000;

const unpacked = new Map<string, Unpacked>();

/** Reads a compressed file, which it closes, as if it were none: it is unpacked once for all who read it, and kept for a while. */
export async function openUnpacked(
  packed: FileHandle,
  compression: 'zstd' | 'bzip2',
): Promise<LogHandle> {
  const { dev, ino, mtimeMs } = await packed.stat();
  const key = `${dev}:${ino}:${mtimeMs}`;
  const known = unpacked.get(key);
  if (known !== undefined) await packed.close();
  const one = known ?? { file: unpack(packed, compression), readers: 0, timer: undefined };
  unpacked.set(key, one);
  one.readers += 1;
  clearTimeout(one.timer);
  try {
    return lend(await one.file, () => giveBack(key, one));
  } catch (error) {
    unpacked.delete(key);
    throw error;
  }
}

function lend(file: FileHandle, giveBack: () => void): LogHandle {
  let isOpen = true;
  return {
    read: file.read.bind(file),
    stat: file.stat.bind(file),
    createReadStream: (options) => file.createReadStream({ ...options, autoClose: false }),
    async close() {
      if (isOpen) giveBack();
      isOpen = false;
    },
  };
}

function giveBack(key: string, one: Unpacked): void {
  one.readers -= 1;
  if (one.readers > 0) return;
  one.timer = setTimeout(() => void forget(key, one).catch(() => {}), keptMilliseconds).unref();
}

async function forget(key: string, one: Unpacked): Promise<void> {
  unpacked.delete(key);
  await (await one.file).close();
}

/** Into a file that has no name any more and ends with its handle. */
async function unpack(packed: FileHandle, compression: string): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'log-'));
  try {
    const path = join(folder, 'log');
    await pipeline(
      decompress(packed.createReadStream(), compression),
      createWriteStream(path, { mode: 0o600 }),
    );
    return await open(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
