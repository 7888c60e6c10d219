import type { Clock } from './clock.ts';

// Node's timers count in 32 bits, and fire at once where that is too little.
const timerMillisecondsMax = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (milliseconds, act) => {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      timer =
        left <= timerMillisecondsMax
          ? setTimeout(act, left)
          : setTimeout(() => wait(left - timerMillisecondsMax), timerMillisecondsMax);
    };
    wait(milliseconds);
    return () => clearTimeout(timer);
  },
};
