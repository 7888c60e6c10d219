import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, describeError } from '../fault/fault.ts';

export type LockOptions = {
  /** How long to wait for whoever has it. */
  readonly waitSeconds?: number;
  /** Told that it waits, or that nobody looks since the system has no `flock` program. */
  readonly warn: (sentence: string) => void;
  /** Who else may have it, for the message. */
  readonly holder?: string;
};

// Each look is a process of some milliseconds.
const pollMilliseconds = 250;

/**
 * Takes the file's lock until disposed of, or until this process ends, however it does: the kernel keeps it for the open
 * file. Hydra's queue runner takes the same one, so that the two never run at once. The file stays: who removes a lock
 * may remove somebody else's. @throws Fault `data-folder-in-use` or `not-permitted`
 */
export async function takeInstanceLock(file: string, options: LockOptions): Promise<Disposable> {
  const descriptor = openLockFile(file);
  try {
    await lock(file, descriptor, options);
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

async function lock(
  file: string,
  descriptor: number,
  { waitSeconds = 0, warn, holder = 'queue runner' }: LockOptions,
): Promise<void> {
  const deadline = performance.now() + 1_000 * waitSeconds;
  const sentence = `another ${holder} has the lock ${file}`;
  for (let looks = 0; !tryLock(file, descriptor, warn); looks += 1) {
    if (performance.now() >= deadline)
      throw new Fault('data-folder-in-use', sentence, {
        remedy: 'Stop it first; two must not work on one data folder.',
      });
    if (looks === 0) warn(`${sentence}; it has ${waitSeconds} seconds to end`);
    await sleep(pollMilliseconds);
  }
}

/** A lock belongs to the open file, which `flock` gets from us: when it has ended, we go on holding it. */
function tryLock(file: string, descriptor: number, warn: LockOptions['warn']): boolean {
  const { status, error } = spawnSync('flock', ['--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', descriptor],
  });
  if (status !== 0 && status !== 1)
    warn(
      `the lock ${file} is not taken, since flock (of util-linux) does not run: ${describeError(error)}`,
    );
  return status !== 1;
}
