const digits = '0123456789abcdfghijklmnpqrsvwxyz';
const width = 24;

/**
 * How far a walk has come that goes by the keys of narinfos, to be painted. They begin with digits of a hash, which are
 * spread evenly, so that nobody has to count them before.
 */
export function walkBar(key: string): string {
  const [first = '', second = ''] = key;
  const share = Math.max(0, digits.indexOf(first) + Math.max(0, digits.indexOf(second)) / 32) / 32;
  const done = Math.round(share * width);
  return `${'█'.repeat(done)}${'░'.repeat(width - done)} ${`${Math.floor(share * 100)}`.padStart(3)} %`;
}
