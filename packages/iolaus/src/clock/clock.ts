/** The time, and what is to happen later: handed in, so that a made-up world can have a time of its own. */
export type Clock = {
  /** Milliseconds since the epoch. It may be set forward and back. */
  now(): number;
  /** Milliseconds since some moment; never goes back. */
  elapsed(): number;
  /** Calls back once. Returns how to call it off. */
  after(milliseconds: number, act: () => void): () => void;
};

/** Resolves when the time has passed, or at once when the signal is aborted. */
export function sleep(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const callOff = clock.after(milliseconds, () => {
      signal?.removeEventListener('abort', wake);
      resolve();
    });
    const wake = (): void => {
      callOff();
      resolve();
    };
    signal?.addEventListener('abort', wake, { once: true });
  });
}

/** Calls back again and again. Returns how to call it off. */
export function every(clock: Clock, milliseconds: number, act: () => void): () => void {
  const next = (): (() => void) =>
    clock.after(milliseconds, () => {
      callOff = next();
      act();
    });
  let callOff = next();
  return () => callOff();
}
