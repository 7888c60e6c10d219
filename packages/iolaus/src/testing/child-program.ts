import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a program ended, and what it printed. */
export type Ending = {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type RunOptions = {
  /** Laid over this process's. */
  readonly environment?: NodeJS.ProcessEnv;
  /** What it reads from standard input; nothing if it is not said. */
  readonly input?: string;
  /** It is killed after so long, and the test fails. */
  readonly secondsMax?: number;
  /** Open files that it gets from number 3 on. */
  readonly descriptors?: readonly number[];
};

/** A program as a process. Killed where it is left running. */
export interface ChildProgram extends AsyncDisposable {
  readonly pid: number;
  /** So far. */
  readonly printed: { readonly stderr: string };
  readonly ended: Promise<Ending>;
  /** Resolves with what it has printed to standard error when that matches; rejects if it ends before. */
  told(pattern: RegExp): Promise<string>;
  signal(signal: NodeJS.Signals): void;
}

// Long for a machine that does much else besides.
const defaultSecondsMax = 120;

export function startProgram(
  [program = '', ...parameters]: readonly string[],
  {
    environment = {},
    input = '',
    secondsMax = defaultSecondsMax,
    descriptors = [],
  }: RunOptions = {},
): ChildProgram {
  const child = spawn(program, parameters, {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe', ...descriptors],
  });
  const { stdin, stdout, stderr } = child;
  assert.ok(stdin !== null && stdout !== null && stderr !== null);
  // It may end without reading.
  stdin.on('error', () => {}).end(input);
  const printed = { stdout: '', stderr: '' };
  stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  const impatience = setTimeout(() => child.kill('SIGKILL'), secondsMax * 1_000);
  const ended = once(child, 'close').then((): Ending => {
    clearTimeout(impatience);
    return { status: child.exitCode, signal: child.signalCode, ...printed };
  });
  const told = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(printed.stderr)) {
      const end: Ending | null = await Promise.race([once(stderr, 'data').then(() => null), ended]);
      if (end !== null && !pattern.test(printed.stderr)) {
        assert.fail(`it ended without saying ${pattern}: ${JSON.stringify(end)}`);
      }
    }
    return printed.stderr;
  };
  return {
    printed,
    pid: child.pid ?? 0,
    ended,
    told,
    signal: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
