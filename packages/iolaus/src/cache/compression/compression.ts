/** How files in a cache can be compressed, by the names of narinfos. */
export const compressions = ['none', 'xz', 'bzip2', 'br', 'zstd'] as const;

export type Compression = (typeof compressions)[number];

/** Node.js has no codec for these. */
export const isLeftToProgram = (compression: string): boolean => /^(xz|bzip2)$/.test(compression);

/** A compression with its level; null: what the program or library takes by itself. */
export type CompressionChoice = {
  readonly compression: Compression;
  readonly level: number | null;
};

const extensions: Readonly<Record<Compression, string>> = {
  none: '',
  xz: '.xz',
  bzip2: '.bz2',
  br: '.br',
  zstd: '.zst',
};

/** From the weakest to the strongest. */
export const levels: Readonly<Record<Compression, readonly [number, number]>> = {
  none: [0, 0],
  xz: [0, 9],
  bzip2: [1, 9],
  br: [0, 11],
  zstd: [1, 22],
};

/** Also by the name that Nix accepts besides; null for what nobody knows. */
export function parseCompression(text: string): Compression | null {
  if (text === 'zst') return 'zstd';
  return compressions.find((known) => known === text) ?? null;
}

/** The object that holds an archive, named after the hash of what is in it. */
export function narKey(narHash: string, compression: Compression): string {
  return `nar/${narHash}.nar${extensions[compression]}`;
}

/** A number that the codec takes. */
export function clampLevel({ compression, level }: CompressionChoice): number | null {
  if (level === null) return null;
  const [least, most] = levels[compression];
  return Math.min(Math.max(level, least), most);
}
