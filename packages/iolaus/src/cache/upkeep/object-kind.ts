export const objectKinds = [
  'narinfos',
  'archives',
  'listings',
  'logs',
  'debug links',
  'realisations',
  'others',
] as const;

export type ObjectKind = (typeof objectKinds)[number];

/** What an object of a cache is, by its key. */
export function objectKind(key: string): ObjectKind {
  if (/^[^/]+\.narinfo$/.test(key)) return 'narinfos';
  if (/^[^/]+\.ls$/.test(key)) return 'listings';
  if (key.startsWith('nar/')) return 'archives';
  if (key.startsWith('log/')) return 'logs';
  if (key.startsWith('debuginfo/')) return 'debug links';
  return /^(realisations|build-trace-v2)\//.test(key) ? 'realisations' : 'others';
}
