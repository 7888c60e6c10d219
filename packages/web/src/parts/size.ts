const units = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `512 B`, `1.4 MiB`, `230 MiB`: three digits are enough to compare. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let name = 'B';
  for (const unit of units) {
    if (value < 1000) break;
    value /= 1024;
    name = unit;
  }
  return `${name === 'B' || value >= 100 ? Math.round(value) : value.toFixed(1)} ${name}`;
}
