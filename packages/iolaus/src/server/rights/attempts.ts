import { ApiError } from '../http/api-error.ts';

// A person who mistypes needs fewer; whoever guesses gets nowhere by a dozen a minute.
const attemptsMax = 12;
const windowMilliseconds = 60_000;
// Whoever fills it with addresses of their own makes it forget the oldest.
const addressesMax = 10_000;

export type Attempts = {
  /** Throws `ApiError` where there were too many from an address in a minute. */
  add(address: string): void;
};

/** Counts log-ins by address. `now` in milliseconds. */
export function countAttempts(now: () => number = Date.now): Attempts {
  const windows = new Map<string, { readonly since: number; count: number }>();
  return {
    add(address) {
      let window = windows.get(address);
      if (window === undefined || now() - window.since >= windowMilliseconds) {
        windows.delete(address);
        window = { since: now(), count: 0 };
        windows.set(address, window);
        const [oldest] = windows.keys();
        if (windows.size > addressesMax && oldest !== undefined) windows.delete(oldest);
      }
      window.count += 1;
      if (window.count <= attemptsMax) return;
      throw new ApiError(429, 'too-many-attempts', 'Too many log-ins. Wait a minute.');
    },
  };
}
