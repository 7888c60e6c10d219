import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Fault } from '../../fault/fault.ts';
import type { FromPart, ToPart } from './supervised.ts';

/** How to run a part of the farm: `iolaus NAME PARAMETERS` as a process of its own. */
export type PartOptions = {
  readonly name: 'runner' | 'builder' | 'server';
  readonly parameters: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Where its log goes. */
  readonly logFile: string;
  /** Nobody waits for its start any longer. */
  readonly signal: AbortSignal;
  onMessage?(message: FromPart): void;
  /** It ended by itself and will be started again in so many milliseconds. */
  onRestart?(reason: string, waitMilliseconds: number): void;
};

const program = fileURLToPath(new URL('../../../bin/iolaus.js', import.meta.url));

// A part that keeps dying is tried again, ever more rarely; one that ran for a minute starts anew from the first wait.
const restartMillisecondsMin = 250;
const restartMillisecondsMax = 30_000;
const steadyAfterMilliseconds = 60_000;
// Everything of ours stops within a second or two; who does not is not waited for.
const stopMillisecondsMax = 6_000;

/** A part of the farm that is kept running until it is stopped. */
export class Part implements AsyncDisposable {
  readonly #options: PartOptions;
  #child: ChildProcess | undefined;
  #stopping = false;
  readonly #wait = new AbortController();
  #kept: Promise<void> = Promise.resolve();

  private constructor(options: PartOptions) {
    this.#options = options;
  }

  /** Resolves with the part and the address it said it listens on, when it is ready. Throws if it cannot start. */
  static async start(options: PartOptions): Promise<{ part: Part; address: string }> {
    const part = new Part(options);
    try {
      const address = await unlessAborted(part.#launch(), options.signal);
      part.#kept = part.#keepRunning();
      return { part, address };
    } catch (error) {
      await part.stop();
      throw error;
    }
  }

  /** Process id, for who wants to look at it or to kill it; undefined between two lives. */
  get processId(): number | undefined {
    return this.#child?.exitCode === null ? this.#child.pid : undefined;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wait.abort();
    const child = this.#child;
    if (child !== undefined && isRunning(child)) await stopChild(child);
    await this.#kept;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Starts the process; resolves with its address when it is ready. */
  async #launch(): Promise<string> {
    const log = openSync(this.#options.logFile, 'a');
    const child = spawn(
      process.execPath,
      [program, this.#options.name, ...this.#options.parameters],
      {
        stdio: ['ignore', log, log, 'ipc'],
        env: this.#options.environment,
        // In a group of its own, so that an interrupt at the terminal reaches only who stops everything in order.
        detached: true,
      },
    );
    closeSync(log);
    this.#child = child;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    child.on('error', reject);
    child.on('message', (message: FromPart) => {
      if (message.type === 'ready') resolve(message.address);
      if (message.type === 'refused') {
        reject(new Fault(message.code, message.sentence, { remedy: message.remedy ?? '' }));
      }
      this.#options.onMessage?.(message);
    });
    child.on('exit', (code, signal) => {
      reject(
        new Fault('child-failed', `the ${this.#options.name} ${describeEnd(code, signal)}`, {
          remedy: `The end of its log ${this.#options.logFile}:\n${lastLines(this.#options.logFile)}`,
        }),
      );
    });
    return promise;
  }

  async #keepRunning(): Promise<void> {
    let wait = restartMillisecondsMin;
    while (!this.#stopping && this.#child !== undefined) {
      const since = Date.now();
      const reason = await this.#ended(this.#child);
      if (this.#isStopping()) return;
      if (Date.now() - since > steadyAfterMilliseconds) wait = restartMillisecondsMin;
      this.#options.onRestart?.(reason, wait);
      await sleep(wait, undefined, { signal: this.#wait.signal }).catch(() => {});
      wait = Math.min(wait * 2, restartMillisecondsMax);
      if (this.#isStopping()) return;
      // A life that ends before it is ready is seen at the top of the loop.
      await this.#launch().catch(() => {});
    }
  }

  // Read through a function, since it changes while the loop waits.
  #isStopping(): boolean {
    return this.#stopping;
  }

  async #ended(child: ChildProcess): Promise<string> {
    if (isRunning(child)) await once(child, 'exit');
    return describeEnd(child.exitCode, child.signalCode);
  }
}

async function unlessAborted<Found>(found: Promise<Found>, signal: AbortSignal): Promise<Found> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([found, aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  const message: ToPart = { type: 'stop' };
  if (child.connected) child.send(message, () => {});
  else child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), stopMillisecondsMax);
  await ended;
  clearTimeout(impatience);
}

const isRunning = (child: ChildProcess): boolean =>
  child.exitCode === null && child.signalCode === null && child.pid !== undefined;

function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `ended with status ${code ?? 'unknown'}` : `was killed by ${signal}`;
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
  } catch (error) {
    return `(${basename(file)} cannot be read: ${String(error)})`;
  }
}
