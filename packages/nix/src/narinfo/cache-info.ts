import { NixFormatError, quote, readAt } from '../format-error.ts';
import { storeDirectory } from '../store-path/store-path.ts';
import type { StoreDirectory } from '../store-path/store-path.ts';
import { parseLines } from './lines.ts';

/** What a binary cache says of itself in `nix-cache-info`. */
export type CacheInfo = {
  /** Null where it does not say; then it fits any store. */
  readonly storeDirectory: StoreDirectory | null;
  /** Whether it may be asked about paths by the thousand. */
  readonly wantMassQuery: boolean;
  /** Caches with lower numbers are asked first; null leaves it to Nix, which takes 50. */
  readonly priority: number | null;
};

const longestInBytes = 64 * 1024;

/** Reads `nix-cache-info`; other keys are skipped. @throws NixFormatError */
export function parseCacheInfo(bytes: Uint8Array): CacheInfo {
  const lines = parseLines('nix-cache-info', bytes, longestInBytes);
  function find<T>(wanted: string, parse: (value: string) => T): T | null {
    const line = lines.find(({ key }) => key === wanted);
    if (line === undefined) return null;
    return readAt({ offset: line.offset, field: wanted }, () => parse(line.value));
  }
  return {
    storeDirectory: find('StoreDir', storeDirectory),
    wantMassQuery: find('WantMassQuery', (value) => value === '1') ?? false,
    priority: find('Priority', parsePriority),
  };
}

/** The bytes of `nix-cache-info`. */
export function printCacheInfo(info: CacheInfo): Buffer {
  const lines = [
    ...(info.storeDirectory === null ? [] : [`StoreDir: ${info.storeDirectory}`]),
    ...(info.wantMassQuery ? ['WantMassQuery: 1'] : []),
    ...(info.priority === null ? [] : [`Priority: ${info.priority}`]),
  ];
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

function parsePriority(value: string): number {
  if (!/^-?\d{1,9}$/.test(value))
    throw new NixFormatError(`${quote(value)} is no priority: that is a whole number`, {
      offset: 0,
    });
  return Number(value);
}
