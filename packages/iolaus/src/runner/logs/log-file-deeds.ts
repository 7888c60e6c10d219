import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { link, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';

/** Bytes; null where there is no such file. Asked at once: a thread would take ten times as long as the question. */
export function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}

/** Gives a file a second name, which another file may have had until now. */
export async function linkAs(path: string, name: string): Promise<void> {
  const temporary = `${path}.link`;
  await rm(temporary, { force: true });
  await link(path, temporary);
  await rename(temporary, name);
  // Renaming one name of a file to another of the same file does nothing.
  await rm(temporary, { force: true });
}

/** Whoever opens `target` finds all of it, or nothing. */
export async function compressFile(source: string, target: string): Promise<void> {
  const temporary = `${target}.new`;
  try {
    await pipeline(
      createReadStream(source),
      createZstdCompress(),
      createWriteStream(temporary, { flags: 'w' }),
    );
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Removes a file, and its second name if that is not another file's by now. */
export async function removeWhere(name: string, path: string): Promise<void> {
  if (await isSameFile(name, path)) await rm(name, { force: true });
  await rm(path, { force: true });
}

/** Whether there is a file of this name, and it is the one at `path`. */
export async function isSameFile(name: string, path: string): Promise<boolean> {
  const [named, own] = await Promise.all([stat(name).catch(() => null), stat(path)]);
  return named?.ino === own.ino;
}
