const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** `4s`, `1m 05s`, `2h 03m`, `3d 4h`: two units at most, so that columns stay narrow. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < minute) return `${whole}s`;
  if (whole < hour) return `${Math.floor(whole / minute)}m ${padded(whole % minute)}s`;
  if (whole < day) return `${Math.floor(whole / hour)}h ${padded((whole % hour) / minute)}m`;
  return `${Math.floor(whole / day)}d ${Math.floor((whole % day) / hour)}h`;
}

/** `just now`, `3m ago`, `5h ago`, `2d ago`: one unit, rounded down. */
export function formatAge(seconds: number): string {
  if (seconds < 10) return 'just now';
  if (seconds < minute) return `${Math.floor(seconds)}s ago`;
  if (seconds < hour) return `${Math.floor(seconds / minute)}m ago`;
  if (seconds < day) return `${Math.floor(seconds / hour)}h ago`;
  return `${Math.floor(seconds / day)}d ago`;
}

const padded = (value: number): string => String(Math.floor(value)).padStart(2, '0');
