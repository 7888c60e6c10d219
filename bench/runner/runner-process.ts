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
  readonly standsBy: boolean;
};

export type FromRunnerProgram =
  | { readonly type: 'standing-by'; readonly derivations: number }
  | { readonly type: 'ready' }
  | ({ readonly type: 'counts' } & Counts);

/** A runner in a process of its own. */
export interface RunnerProcess extends AsyncDisposable {
  readonly endpoint: string;
  /** While it stands by. */
  derivationsRead(): number;
  /** The last that it told, ten times a second. */
  counts(): Counts;
  cpuSeconds(): number;
  memoryMb(): number;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** Resolves when it takes builders, or stands by. */
export async function startRunnerProcess(options: RunnerProgramOptions): Promise<RunnerProcess> {
  const child = fork(new URL('runner-program.ts', import.meta.url), [JSON.stringify(options)]);
  const ready = Promise.withResolvers<void>();
  let derivations = 0;
  let counts: Counts = {
    builds: 0,
    steps: 0,
    waiting: 0,
    runnable: 0,
    leased: 0,
    backingOff: 0,
  };
  child.on('message', (message: FromRunnerProgram) => {
    if (message.type === 'counts') counts = message;
    else ready.resolve();
    if (message.type === 'standing-by') ({ derivations } = message);
  });
  child.on('exit', (status) => ready.reject(new Error(`the runner ended with status ${status}`)));
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  await ready.promise;
  return {
    endpoint: `unix://${options.grpcBind}`,
    derivationsRead: () => derivations,
    counts: () => counts,
    cpuSeconds: () => measureTree(child.pid ?? 0).cpuSeconds,
    memoryMb: () => measureTree(child.pid ?? 0).memoryMb,
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGTERM'),
  };
}
