import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault, describeError } from '../fault/fault.ts';

export type LockOptions = {
  /** How long to wait for whoever has it; this process stands still meanwhile. */
  readonly waitSeconds?: number;
  readonly warn: (sentence: string) => void;
  /** Who else may have it, for the message. */
  readonly holder?: string;
};

/**
 * Takes the file's lock until disposed of, or until this process ends, however it does: the kernel keeps it for the open
 * file. Hydra's queue runner takes the same one, so that the two never run at once. The file stays: who removes a lock
 * may remove somebody else's. Throws `Fault` `data-folder-in-use` or `not-permitted`.
 * `warn` hears it where the system has no `flock` program: then nobody looks.
 */
export function takeInstanceLock(file: string, options: LockOptions): Disposable {
  const descriptor = openLockFile(file);
  try {
    lock(file, descriptor, options);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return { [Symbol.dispose]: () => closeSync(descriptor) };
}

function openLockFile(file: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return openSync(file, 'a');
  } catch (cause) {
    throw new Fault('not-permitted', `the lock ${file} cannot be opened`, {
      remedy: 'Let the user that runs this program write to its folder.',
      cause,
    });
  }
}

/** A lock belongs to the open file, which `flock` gets from us: when it has ended, we go on holding it. */
function lock(
  file: string,
  descriptor: number,
  { waitSeconds = 0, warn, holder = 'queue runner' }: LockOptions,
): void {
  const { status, error } = spawnSync('flock', ['--timeout', String(waitSeconds), '3'], {
    stdio: ['ignore', 'ignore', 'ignore', descriptor],
  });
  if (status === 0) return;
  if (status === 1) {
    throw new Fault('data-folder-in-use', `another ${holder} has the lock ${file}`, {
      remedy: 'Stop it first; two must not work on one data folder.',
    });
  }
  warn(
    `the lock ${file} is not taken, since flock (of util-linux) does not run: ${describeError(error)}`,
  );
}
