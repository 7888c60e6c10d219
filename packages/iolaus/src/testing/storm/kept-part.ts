import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildProgram } from '../child-program.ts';

/** A process that is started again whenever it has ended, however it did, as a service manager does it. */
export type KeptPart = AsyncDisposable & {
  readonly current: ChildProgram;
  /** Resolves when it has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
};

// A service manager's own pause is longer; nobody has to wait for it here.
const restartMilliseconds = 200;

export function keepPart(start: () => ChildProgram): KeptPart {
  let current = start();
  let isWanted = true;
  const keep = async (): Promise<void> => {
    await current.ended;
    await sleep(restartMilliseconds);
    if (!isWanted) return;
    current = start();
    await keep();
  };
  const kept = keep();
  return {
    get current() {
      return current;
    },
    end: async (signal) => {
      const ending = current;
      ending.signal(signal);
      await ending.ended;
    },
    [Symbol.asyncDispose]: async () => {
      isWanted = false;
      await current[Symbol.asyncDispose]();
      await kept;
    },
  };
}
