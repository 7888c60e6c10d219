import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** Something in a store path, by the store path's base name and the way from there. */
export type StoreFile = { readonly basename: string; readonly inside: readonly string[] };

/** What was found there: a file, open, or a folder. */
export type OpenedStoreFile =
  | {
      readonly type: 'file';
      readonly path: string;
      readonly file: FileHandle;
      readonly size: number;
    }
  | { readonly type: 'directory'; readonly path: string };

const storePath = /^(?:\/[^/]+)*?\/([0-9a-z]{32}-[0-9A-Za-z+\-._?=]{1,211})(\/.*)?$/;

/** Reads a path as the database has it, such as `/nix/store/HASH-NAME/share/doc`; undefined if it leads anywhere else. */
export function parseStoreFile(path: string): StoreFile | undefined {
  const [, basename, rest = ''] = storePath.exec(path) ?? [];
  if (basename === undefined) return undefined;
  const inside = rest.split('/').filter((segment) => segment !== '');
  return inside.every(isPlainSegment) ? { basename, inside } : undefined;
}

/** A name that stays in its folder. */
export const isPlainSegment = (segment: string): boolean =>
  segment !== '' && segment !== '.' && segment !== '..' && !/[/\0]/.test(segment);

/**
 * Opens a file of the store. Links are followed inside their own store path only: a build says what it shows by what it
 * put there, and a link of its making must not show what lies elsewhere on the machine. Undefined for all else.
 */
export async function openStoreFile(
  storeDirectory: string,
  { basename, inside }: StoreFile,
): Promise<OpenedStoreFile | undefined> {
  try {
    const root = join(await realpath(storeDirectory), basename);
    const path = await realpath(join(root, ...inside));
    if (path !== root && !path.startsWith(root + sep)) return undefined;
    return await openPlain(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Store paths do not change, so what was looked at is what is opened; a link that came since would not be followed. */
async function openPlain(path: string): Promise<OpenedStoreFile | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const found = await file.stat();
  if (found.isFile()) return { type: 'file', path, file, size: found.size };
  await file.close();
  return found.isDirectory() ? { type: 'directory', path } : undefined;
}

const missingCodes = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG', 'ENXIO']);

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && missingCodes.has(String(error.code));
