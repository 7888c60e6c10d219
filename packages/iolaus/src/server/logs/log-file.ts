import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { openUnpacked } from './unpacked-logs.ts';
import type { LogHandle } from './unpacked-logs.ts';

const derivationBaseName = /(?:^|\/)([0-9a-z]{2})([0-9a-z]{30}-[0-9A-Za-z+\-._?=]{1,211}\.drv)$/;

/**
 * Where the log of a derivation is written (`ab/cdef…-name.drv` below the log directory, as Hydra's pages expect it);
 * undefined for a text that is no derivation's path.
 */
export function logFilePath(logDirectory: string, derivation: string): string | undefined {
  const [, folder, file] = derivationBaseName.exec(derivation) ?? [];
  return folder === undefined || file === undefined ? undefined : join(logDirectory, folder, file);
}

/** The log of one attempt: beside it, with build and step behind the name. */
export const attemptLogPath = (path: string, build: number, step: number): string =>
  `${path}.${build}-${step}`;

/** Opens a log for reading, be it finished and compressed (by ours, or by a Hydra of old) or not; undefined where there is none. */
export async function openLog(path: string): Promise<LogHandle | undefined> {
  const plain = await openGrowingLog(path);
  if (plain !== undefined) return plain;
  const ours = await openGrowingLog(`${path}.zst`);
  if (ours !== undefined) return openUnpacked(ours, 'zstd');
  const old = await openGrowingLog(`${path}.bz2`);
  return old === undefined ? undefined : openUnpacked(old, 'bzip2');
}

/** Opens a log that is not finished. A link, a pipe or a folder is not a log. */
export async function openGrowingLog(path: string): Promise<FileHandle | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    return undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(String(error.code));
