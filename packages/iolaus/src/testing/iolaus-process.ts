import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/iolaus.js', import.meta.url));

/** How `iolaus` ended, and what it printed. */
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
};

/** `iolaus` as a process. Killed where it is left running. */
export interface IolausProcess extends AsyncDisposable {
  readonly pid: number;
  readonly ended: Promise<Ending>;
  /** Resolves with what it has printed to standard error when that matches; rejects if it ends before. */
  told(pattern: RegExp): Promise<string>;
  signal(signal: NodeJS.Signals): void;
}

// Long for a machine that does much else besides.
const defaultSecondsMax = 120;

/** Without a daemon of this machine, so that every test has a store of its own. */
const ownStore = { NIX_REMOTE: '', NIX_DAEMON_SOCKET_PATH: '', NIX_STATE_DIR: '/nonexistent' };

export function startIolaus(
  parameters: readonly string[],
  { environment = {}, input = '', secondsMax = defaultSecondsMax }: RunOptions = {},
): IolausProcess {
  const child = spawn(process.execPath, [program, ...parameters], {
    env: { ...process.env, ...ownStore, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // It may end without reading.
  child.stdin.on('error', () => {}).end(input);
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (printed[name] += text));
  }
  const impatience = setTimeout(() => child.kill('SIGKILL'), secondsMax * 1_000);
  const ended = once(child, 'close').then((): Ending => {
    clearTimeout(impatience);
    return { status: child.exitCode, signal: child.signalCode, ...printed };
  });
  const told = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(printed.stderr)) {
      const end = await Promise.race([once(child.stderr, 'data').then(() => null), ended]);
      if (end !== null && !pattern.test(printed.stderr)) {
        assert.fail(`it ended without saying ${pattern}: ${JSON.stringify(end)}`);
      }
    }
    return printed.stderr;
  };
  return {
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

/** Runs `iolaus` to its end. */
export async function runIolaus(
  parameters: readonly string[],
  options: RunOptions = {},
): Promise<Ending> {
  const end = await startIolaus(parameters, options).ended;
  assert.equal(end.signal, null, `it took too long: ${end.stderr}`);
  return end;
}
