import assert from 'node:assert/strict';
import type { IolausProcess } from './iolaus-process.ts';

/** A process that is started again whenever it was killed, as a service manager does it. */
export type KeptRunning = AsyncDisposable & {
  kill(): void;
  /** Rejects when the process ends by itself, or what is done in between fails. */
  readonly failed: Promise<never>;
};

/** @param whenKilled done before it is started again */
export function keepRunning(
  start: () => IolausProcess,
  whenKilled: () => Promise<void>,
): KeptRunning {
  let current = start();
  let isWanted = true;
  let isKilled = false;
  const keep = async (): Promise<void> => {
    for (;;) {
      const end = await current.ended;
      if (!isWanted) return;
      assert.ok(isKilled, `it ended by itself: ${end.stderr}`);
      await whenKilled();
      if (!isWanted) return;
      isKilled = false;
      current = start();
    }
  };
  const failing = Promise.withResolvers<never>();
  failing.promise.catch(() => {});
  const kept = keep().catch(failing.reject);
  return {
    failed: failing.promise,
    kill: () => {
      isKilled = true;
      current.signal('SIGKILL');
    },
    [Symbol.asyncDispose]: async () => {
      isWanted = false;
      await current[Symbol.asyncDispose]();
      await kept;
    },
  };
}
