import { signal } from '@preact/signals';

// The browser's clock and the server's may differ; beyond this it is not the network that is slow.
const skewSecondsMin = 3;

let skewSeconds = 0;
let timer: ReturnType<typeof setInterval> | undefined;

const browserSeconds = (): number => Math.floor(Date.now() / 1000);
const serverSeconds = (): number => browserSeconds() + skewSeconds;

/** The server's time in seconds; moves once a second while somebody looks at it. */
export const now = signal(serverSeconds(), {
  watched() {
    now.value = serverSeconds();
    timer = setInterval(() => {
      now.value = serverSeconds();
    }, 1000);
  },
  unwatched() {
    clearInterval(timer);
  },
});

/** Takes the `Date` header of an answer. */
export function learnServerTime(date: string | null): void {
  const seconds = date === null ? Number.NaN : Date.parse(date) / 1000;
  if (!Number.isFinite(seconds)) return;
  const difference = Math.round(seconds - Date.now() / 1000);
  skewSeconds = Math.abs(difference) < skewSecondsMin ? 0 : difference;
}
