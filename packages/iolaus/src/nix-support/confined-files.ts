import { constants, existsSync, lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder held open: what is asked of it is asked of itself, not of whatever has its name by then. */
export type Folder = AsyncDisposable & { readonly path: string };

export type Kind = 'regular' | 'folder' | 'symlink' | 'other';

/** `unusable`: too large, or not UTF-8. */
export type Text =
  | { readonly type: 'absent' }
  | { readonly type: 'unusable' }
  | { readonly type: 'text'; readonly text: string };

// A folder that is open has a name of its own here, by which the system finds it without walking a path again.
const descriptors = '/proc/self/fd';
const hasDescriptors = existsSync(descriptors);

// Not blocking: to open a pipe would otherwise wait for somebody to write into it.
const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const absence: ReadonlySet<unknown> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'EACCES',
  'EPERM',
  'ENAMETOOLONG',
  'ENXIO',
]);

/** The folder that everything else is found below. Its own path is trusted, and may have symlinks in it. */
export async function openRoot(path: string): Promise<Folder> {
  return hold(await open(path, constants.O_RDONLY | constants.O_DIRECTORY), path);
}

/** The folder at the end of `names`, if all of them are folders; null if one is a symlink or anything else. */
export async function descend(root: Folder, names: readonly string[]): Promise<Folder | null> {
  let folder: Folder | null = null;
  for (const name of names) {
    const above: Folder = folder ?? root;
    const below = await openFolder(above, name);
    if (folder !== null) await folder[Symbol.asyncDispose]();
    if (below === null) return null;
    folder = below;
  }
  return folder;
}

/** What `name` in the folder is, by itself; null if it is not there. */
export function kindOf(folder: Folder, name: string): Kind | null {
  return kindAt(join(folder.path, name));
}

/** What is at a path whose folders are trusted. Asked at once: a thread would take ten times as long as the question. */
export function kindAt(path: string): Kind | null {
  const status = statusAt(path);
  if (status === undefined) return null;
  if (status.isFile()) return 'regular';
  if (status.isDirectory()) return 'folder';
  return status.isSymbolicLink() ? 'symlink' : 'other';
}

/** Opens a regular file; null for anything else. */
export async function openFile(folder: Folder, name: string): Promise<FileHandle | null> {
  const file = await unlessAbsent(open(join(folder.path, name), readOnly));
  if (file === null) return null;
  const status = await file.stat();
  if (status.isFile()) return file;
  await file.close();
  return null;
}

/** A regular file as text, if it is at most `limitBytes` long. What is not a regular file counts as absent. */
export async function readText(folder: Folder, name: string, limitBytes: number): Promise<Text> {
  await using file = await openFile(folder, name);
  if (file === null) return { type: 'absent' };
  const bytes = await readUpTo(file, limitBytes + 1);
  if (bytes.length > limitBytes) return { type: 'unusable' };
  try {
    return { type: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { type: 'unusable' };
  }
}

async function openFolder(folder: Folder, name: string): Promise<Folder | null> {
  const path = join(folder.path, name);
  const handle = await unlessAbsent(open(path, readOnly | constants.O_DIRECTORY));
  return handle === null ? null : hold(handle, path);
}

function hold(handle: FileHandle, path: string): Folder {
  return {
    path: hasDescriptors ? join(descriptors, String(handle.fd)) : path,
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** By what is read, not by the size that the file says it has. */
async function readUpTo(file: FileHandle, limitBytes: number): Promise<Buffer> {
  const { size } = await file.stat();
  const chunks: Buffer[] = [];
  let total = 0;
  while (total < limitBytes) {
    const room = Math.min(limitBytes - total, Math.max(size - total, 0) + 1);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(room));
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return Buffer.concat(chunks);
}

async function unlessAbsent<Found>(found: Promise<Found>): Promise<Found | null> {
  try {
    return await found;
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

function statusAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

const isAbsence = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && absence.has(error.code);
