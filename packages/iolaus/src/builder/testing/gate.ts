import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** A pipe by which a test holds up a build, or learns that it is gone. */
export type Gate = {
  /** A command for the script of a build: waits until the gate is opened. */
  readonly wait: string;
  /** Lets the build go on that waits, or will wait. */
  open(): Promise<void>;
};

export function makeGate(folder: string, name: string): Gate {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return {
    wait: `read _ < ${path}`,
    open: async () => {
      await using pipe = await open(path, 'w');
      await pipe.writeFile('go\n');
    },
  };
}

/** A pipe that ends when the last process of a build has gone. */
export type Lifeline = {
  /** For the beginning of the script. */
  readonly hold: string;
  /** Resolves when a process that held it, and all its children, are gone. */
  readonly cut: Promise<unknown>;
};

export function makeLifeline(folder: string, name: string): Lifeline {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  const pipe = createReadStream(path).resume();
  return { hold: `exec 9> ${path}`, cut: once(pipe, 'end') };
}
