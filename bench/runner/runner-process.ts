import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Counts } from '../../packages/iolaus/src/farm/view.ts';
import { measureTree } from '../process-use.ts';

export type RunnerProgramOptions = {
  readonly databaseUrl: string;
  readonly storeDirectory: string;
  /** Null: no daemon; what lies in the store's folder is there. */
  readonly daemonSocket: string | null;
  readonly dataDirectory: string;
  readonly grpcBind: string;
};

export type FromRunnerProgram =
  | { readonly type: 'ready'; readonly endpoint: string }
  | ({ readonly type: 'counts' } & Counts);

/** A runner in a process of its own. */
export interface RunnerProcess extends AsyncDisposable {
  readonly endpoint: string;
  /** The last that it told, ten times a second. */
  counts(): Counts;
  cpuSeconds(): number;
  memoryMb(): number;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** Resolves when it takes builders. */
export async function startRunnerProcess(options: RunnerProgramOptions): Promise<RunnerProcess> {
  const child = fork(new URL('runner-program.ts', import.meta.url), [JSON.stringify(options)]);
  const ready = Promise.withResolvers<string>();
  let counts: Counts = {
    builds: 0,
    steps: 0,
    waiting: 0,
    runnable: 0,
    leased: 0,
    backingOff: 0,
  };
  child.on('message', (message: FromRunnerProgram) => {
    if (message.type === 'ready') ready.resolve(message.endpoint);
    else counts = message;
  });
  child.on('exit', (status) => ready.reject(new Error(`the runner ended with status ${status}`)));
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  return {
    endpoint: await ready.promise,
    counts: () => counts,
    cpuSeconds: () => measureTree(child.pid ?? 0).cpuSeconds,
    memoryMb: () => measureTree(child.pid ?? 0).memoryMb,
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGTERM'),
  };
}
