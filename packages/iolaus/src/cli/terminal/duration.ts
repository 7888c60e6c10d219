/** Seconds as a person reads them: `0.4s`, `12s`, `3m 04s`, `2h 15m`. */
export function printDuration(seconds: number): string {
  if (seconds < 10) return `${Math.max(seconds, 0).toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${pad(whole % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
}

const pad = (value: number): string => String(value).padStart(2, '0');
