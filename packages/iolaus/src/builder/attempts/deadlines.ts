/** What went on for too long. */
export type Expired = 'timeout' | 'silence';

/** Watches one build; stops watching when it is disposed. */
export type Deadlines = Disposable & {
  /** The build has said something. */
  heard(): void;
};

// The daemon keeps the limits by itself, but reckons from the start of the builder: whoever waits for a lock or an input
// is not building yet. A daemon that has not stopped a build by then will not.
const graceMilliseconds = 60_000;
// What a timer can wait for at most, some 24 days; it fires at once for more.
const timerMillisecondsMax = 2 ** 31 - 1;

/** Limits are in seconds; 0 is none. `expire` is called once at most. */
export function watchDeadlines(
  limits: { readonly timeoutSeconds: number; readonly maxSilentSeconds: number },
  expire: (what: Expired) => void,
  grace: number = graceMilliseconds,
): Deadlines {
  const stop = () => {
    clearTimeout(timeout);
    clearTimeout(silence);
    silence = undefined;
  };
  const start = (seconds: number, what: Expired) =>
    seconds === 0
      ? undefined
      : setTimeout(
          () => {
            stop();
            expire(what);
          },
          Math.min(seconds * 1_000 + grace, timerMillisecondsMax),
        );
  const timeout = start(limits.timeoutSeconds, 'timeout');
  let silence = start(limits.maxSilentSeconds, 'silence');
  const heard = () => {
    if (silence === undefined) return;
    clearTimeout(silence);
    silence = start(limits.maxSilentSeconds, 'silence');
  };
  return { heard, [Symbol.dispose]: stop };
}
