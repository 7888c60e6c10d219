import { weekdays } from '../configuration.ts';
import type { PoolConfiguration, Schedule } from '../configuration.ts';

/** How many machines a pool has at least, at most, and to spare. */
export type Limits = { readonly min: number; readonly max: number; readonly warm: number };

const minutesOfDay = 1_440;

/** What holds at a time; of several entries that fit the last one. */
export function limitsAt(pool: PoolConfiguration, now: number): Limits {
  let { min, max, warm } = pool;
  for (const entry of pool.schedule) {
    if (!fits(entry, now)) continue;
    min = entry.min ?? min;
    max = entry.max ?? max;
    warm = entry.warm ?? warm;
  }
  return { min: Math.min(min, max), max, warm };
}

/** An entry that ends before it begins goes on over midnight, and counts by the day on which it began. */
function fits({ days, from, until }: Schedule, now: number): boolean {
  const minutes = Math.floor(now / 60_000);
  const minute = minutes % minutesOfDay;
  const day = Math.floor(minutes / minutesOfDay);
  const [start, end] = [minuteOf(from), minuteOf(until)];
  const isDay = (which: number): boolean => days.includes(weekdayOf(which));
  if (start <= end) return isDay(day) && minute >= start && minute < end;
  return (isDay(day) && minute >= start) || (isDay(day - 1) && minute < end);
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** The epoch began on a Thursday. */
const weekdayOf = (day: number): (typeof weekdays)[number] =>
  weekdays[(((day + 4) % 7) + 7) % 7] ?? 'sun';
