import { setTimeout as sleep } from 'node:timers/promises';
import type { Phase } from '../../farm/outcome.ts';
import { CallError } from '../../protocol/call-error.ts';
import type { RunnerClient } from '../../protocol/client/runner-client.ts';
import type { AttemptUuid, MachineUuid } from '../../protocol/identity.ts';
import type { Reports } from '../attempts/reports.ts';

/** A runner while a tunnel to it is open. */
export type ConnectedRunner = {
  readonly client: RunnerClient;
  /** What the builder is called there, as long as the tunnel lasts. */
  readonly machine: MachineUuid;
  readonly reports: Reports;
  /** Its store is ours: nothing is fetched or handed over. */
  readonly sharesStore: boolean;
  /** It wants a log for every build, even if it is empty. */
  readonly wantsEveryLog: boolean;
  /** Its wish, which may change. */
  readonly maxConcurrentDownloads: () => number;
  /** How much it has of the logs of attempts that it took back, in bytes. */
  readonly logBytes: ReadonlyMap<AttemptUuid, number>;
  /** Aborted when the tunnel has ended. */
  readonly signal: AbortSignal;
};

// A call may hear that the connection is lost a moment before the tunnel does.
const lossNoticedMillisecondsMax = 1_000;

/** The way to the runner, which may be away for a while: whoever needs it waits. */
export class RunnerLink {
  #runner: ConnectedRunner | undefined;
  readonly #waiting = new Set<(runner: ConnectedRunner) => void>();
  /** The latest of each attempt. */
  readonly #phases = new Map<AttemptUuid, Phase>();

  /** Undefined while it is away. */
  get current(): ConnectedRunner | undefined {
    return this.#runner?.signal.aborted === false ? this.#runner : undefined;
  }

  open(runner: ConnectedRunner): void {
    this.#runner = runner;
    for (const go of this.#waiting) go(runner);
    this.#waiting.clear();
    // What the one before it was told last may never have been recorded.
    for (const [attempt, phase] of this.#phases) {
      if (runner.logBytes.has(attempt)) void runner.reports.update(attempt, phase);
    }
  }

  close(): void {
    this.#runner = undefined;
  }

  /** Waits for what the runner takes, as long as it is there. */
  async untilLost(taken: Promise<void>): Promise<void> {
    const signal = this.current?.signal;
    if (signal === undefined) return;
    const { promise: lost, resolve } = Promise.withResolvers<void>();
    const leave = (): void => resolve();
    signal.addEventListener('abort', leave, { once: true });
    try {
      await Promise.race([taken, lost]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** A runner that is away is told later, when it has taken the attempt back. */
  async update(attempt: AttemptUuid, phase: Phase): Promise<void> {
    this.#phases.set(attempt, phase);
    await this.current?.reports.update(attempt, phase);
  }

  /** The attempt is over. */
  forget(attempt: AttemptUuid): void {
    this.#phases.delete(attempt);
  }

  /** Waits for the runner; rejects with the signal's reason if that comes first. */
  async connected(signal: AbortSignal): Promise<ConnectedRunner> {
    signal.throwIfAborted();
    const { current } = this;
    if (current !== undefined) return current;
    const { promise, resolve, reject } = Promise.withResolvers<ConnectedRunner>();
    const leave = (): void => {
      this.#waiting.delete(resolve);
      reject(signal.reason);
    };
    this.#waiting.add(resolve);
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** Does `work` with the runner, and once more with the next one as long as it fails because the runner was lost. */
  async through<Result>(
    signal: AbortSignal,
    work: (runner: ConnectedRunner) => Promise<Result>,
  ): Promise<Result> {
    for (;;) {
      const runner = await this.connected(signal);
      try {
        return await work(runner);
      } catch (error) {
        signal.throwIfAborted();
        if (!(await isLost(runner, error))) throw error;
      }
    }
  }
}

async function isLost({ signal }: ConnectedRunner, error: unknown): Promise<boolean> {
  const mayBe = error instanceof CallError && /^(unavailable|cancelled)$/.test(error.status);
  if (!signal.aborted && mayBe) {
    await sleep(lossNoticedMillisecondsMax, undefined, { signal }).catch(() => {});
  }
  return signal.aborted;
}
