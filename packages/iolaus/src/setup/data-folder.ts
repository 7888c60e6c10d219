import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Fault } from '../fault/fault.ts';
import { faultOfFile } from './file-fault.ts';
import { placeSocket } from './socket-place.ts';

/** A farm's folder, which no other iolaus works in as long as this one does. */
export interface DataFolder extends AsyncDisposable {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** Where a Unix socket of that name is to be: the same at every start. */
  socketPath(name: string): string;
}

/** Where a farm's data are if nobody says otherwise: `$XDG_STATE_HOME/iolaus`. */
export function defaultDataDirectory(environment: NodeJS.ProcessEnv): string {
  const configured = environment['XDG_STATE_HOME'] ?? '';
  const states = configured === '' ? join(homedir(), '.local', 'state') : configured;
  return join(states, 'iolaus');
}

// Others may pass through: PostgreSQL runs under an account of its own where the farm runs as root.
const folderMode = 0o711;

/**
 * Makes the folder if there is none and takes it for this process. Throws `Fault` `data-folder-in-use` where another
 * iolaus has it, `not-permitted` or `disk-full` where it cannot be written.
 */
export async function openDataFolder(directory: string): Promise<DataFolder> {
  const path = makeFolder(resolve(directory));
  const lock = await takeLock(path);
  try {
    writeFileSync(join(path, 'pid'), `${process.pid}\n`);
  } catch (error) {
    lock.close();
    throw faultOfFile(path, error);
  }
  return {
    path,
    socketPath: (name) => placeSocket(path, name),
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = once(lock, 'close');
      lock.close();
      await closed;
    },
  };
}

function makeFolder(directory: string): string {
  try {
    mkdirSync(directory, { recursive: true, mode: folderMode });
    accessSync(directory, constants.W_OK | constants.X_OK);
    return realpathSync(directory);
  } catch (error) {
    throw faultOfFile(directory, error);
  }
}

/**
 * The lock is a socket in Linux's abstract namespace, named after the folder: it takes no file, and the kernel frees it
 * with the process, however that ends.
 */
async function takeLock(path: string): Promise<Server> {
  const name = createHash('sha256').update(path).digest('hex');
  const server = createServer((visitor) => visitor.destroy());
  server.unref();
  server.listen(`\0iolaus-${name}`);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new Fault('data-folder-in-use', `${path} is in use by another iolaus${ownerOf(path)}`, {
      remedy: 'Stop that one, or give this one a folder of its own with --state-dir.',
      cause,
    });
  }
  return server;
}

function ownerOf(path: string): string {
  try {
    return ` (process ${readFileSync(join(path, 'pid'), 'utf8').trim()})`;
  } catch {
    return '';
  }
}
