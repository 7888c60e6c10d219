/** The part of time that a picture shows, in seconds since the epoch. */
export type Window = { readonly from: number; readonly to: number };

const steps = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600];

/** Round moments within the window, so far apart that there are some `ticksMax`. */
export function ticksOf({ from, to }: Window, ticksMax: number): number[] {
  const step = steps.find((seconds) => (to - from) / seconds <= ticksMax) ?? 43_200;
  const first = Math.ceil(from / step) * step;
  const count = Math.max(0, Math.floor((to - first) / step) + 1);
  return Array.from({ length: count }, (_, index) => first + index * step);
}

/** `09:05`, of the clock on the wall beside the reader. */
export function clockTime(seconds: number): string {
  const at = new Date(seconds * 1000);
  return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
}

/** Where a moment is in the window, in percent of its width. */
export const percentAt = ({ from, to }: Window, seconds: number): number =>
  (100 * (Math.min(Math.max(seconds, from), to) - from)) / (to - from);
