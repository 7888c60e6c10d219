import { chmodSync, mkdirSync, realpathSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Fault } from '../fault/fault.ts';
import { faultOfFile } from './file-fault.ts';
import { lockFolder } from './folder-lock.ts';
import { makeShortFolder } from './short-folder.ts';

/** Where a farm keeps all that it has, for one process tree at a time. */
export interface DataFolder extends AsyncDisposable {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** For Unix sockets: at most 64 bytes long, the same every time, and only this user may enter. */
  readonly socketFolder: string;
  /** The path for a socket in that folder. */
  socketPath(name: string): string;
}

export type DataFolderOptions = {
  /** Less free space than this is a full disk. */
  readonly freeBytesMin?: number;
};

const privateFolders = ['nix', 'build-logs', 'logs', 'run'];
const bytesPerMegabyte = 1024 * 1024;
// A new PostgreSQL takes about 50 MB, and its write-ahead log as much again soon.
const defaultFreeBytesMin = 128 * bytesPerMegabyte;

/** `$XDG_STATE_HOME/iolaus`, or `~/.local/state/iolaus` where that is not set. */
export function defaultDataDirectory(environment: NodeJS.ProcessEnv): string {
  const home = environment['HOME'] || homedir();
  return join(environment['XDG_STATE_HOME'] || join(home, '.local/state'), 'iolaus');
}

/**
 * Makes the folder if there is none, and takes it until the result is disposed of or this process ends.
 * @throws Fault `data-folder-in-use`, `not-permitted` or `disk-full`
 */
export async function openDataFolder(
  directory: string,
  { freeBytesMin = defaultFreeBytesMin }: DataFolderOptions = {},
): Promise<DataFolder> {
  await using opening = new AsyncDisposableStack();
  try {
    const path = makeFolder(resolve(directory));
    checkSpace(path, freeBytesMin);
    opening.use(await lockFolder(path));
    for (const name of privateFolders)
      mkdirSync(join(path, name), { recursive: true, mode: 0o700 });
    const socketFolder = makeShortFolder(join(path, 'run'));
    const open = opening.move();
    return {
      path,
      socketFolder,
      socketPath: (name) => join(socketFolder, `${name}.sock`),
      [Symbol.asyncDispose]: () => open.disposeAsync(),
    };
  } catch (error) {
    throw error instanceof Fault ? error : faultOfFile(resolve(directory), error);
  }
}

function makeFolder(folder: string): string {
  const isNew = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
  // PostgreSQL refuses to run as root: it runs as another user in a folder below.
  if (isNew && process.getuid?.() === 0) chmodSync(folder, 0o711);
  // Nix wants no symbolic link above its store.
  return realpathSync(folder);
}

function checkSpace(path: string, freeBytesMin: number): void {
  const { bavail, bsize } = statfsSync(path);
  if (bavail * bsize >= freeBytesMin) return;
  throw new Fault('disk-full', `there are only ${megabytes(bavail * bsize)} left for ${path}`, {
    remedy: `Free at least ${megabytes(freeBytesMin)}, or put the farm elsewhere with --state-dir.`,
  });
}

const megabytes = (bytes: number): string => `${Math.floor(bytes / bytesPerMegabyte)} MB`;
