import { NixFormatError, quote, readAt } from '../format-error.ts';
import { parseHash } from '../hash/hash.ts';
import { parseContentAddress } from '../store-path/content-address.ts';
import { parseBaseName, parseStorePath } from '../store-path/store-path.ts';
import type { StoreDirectory, StorePath } from '../store-path/store-path.ts';
import { parseLines } from './lines.ts';
import type { Line } from './lines.ts';
import type { Narinfo } from './narinfo.ts';

/** A path with 100,000 references has some 6 MB; nobody has seen one with 10,000. */
const longestInBytes = 8 * 1024 * 1024;

/** What Nix assumes of caches from before there was a choice. */
const compressionIfMissing = 'bzip2';

/**
 * Reads a `.narinfo` file. As Nix does, it skips keys that it does not know, takes `unknown-deriver` for
 * none, and signatures of any form; unlike Nix it refuses a second line for whatever has only one.
 * @throws NixFormatError that names the key and the byte
 */
export function parseNarinfo(directory: StoreDirectory, bytes: Uint8Array): Narinfo {
  const lines = parseLines('narinfo', bytes, longestInBytes);
  const single = indexSingle(lines);
  function optional<T>(key: string, parse: (value: string) => T): T | null {
    const line = single.get(key);
    return line === undefined ? null : parseValue(line, parse);
  }
  function mandatory<T>(key: string, parse: (value: string) => T): T {
    const line = single.get(key);
    if (line !== undefined) return parseValue(line, parse);
    throw new NixFormatError('The line is missing', { offset: bytes.length, field: key });
  }
  return {
    path: mandatory('StorePath', (value) => parseStorePath(directory, value)),
    url: mandatory('URL', parseFilled),
    compression: optional('Compression', (value) => value) || compressionIfMissing,
    fileHash: optional('FileHash', (value) => parseHash(value)),
    fileSize: optional('FileSize', parseSize),
    narHash: mandatory('NarHash', (value) => parseHash(value, 'sha256')),
    narSize: mandatory('NarSize', parsePositiveSize),
    references: references(single.get('References')),
    deriver: optional('Deriver', (value) =>
      value === 'unknown-deriver' || value === '' ? null : parseBaseName(value),
    ),
    signatures: lines.filter(({ key }) => key === 'Sig').map(({ value }) => value),
    contentAddress: optional('CA', (value) => (value === '' ? null : parseContentAddress(value))),
  };
}

const singleKeys = new Set([
  'StorePath',
  'URL',
  'Compression',
  'FileHash',
  'FileSize',
  'NarHash',
  'NarSize',
  'References',
  'Deriver',
  'CA',
]);

function indexSingle(lines: readonly Line[]): ReadonlyMap<string, Line> {
  const index = new Map<string, Line>();
  for (const line of lines) {
    if (!singleKeys.has(line.key)) continue;
    if (index.has(line.key))
      throw new NixFormatError('There is such a line already', {
        offset: line.offset,
        field: line.key,
      });
    index.set(line.key, line);
  }
  return index;
}

function parseValue<T>({ key, value, offset }: Line, parse: (value: string) => T): T {
  return readAt({ offset, field: key }, () => parse(value));
}

function references(line: Line | undefined): StorePath[] {
  if (line === undefined) return [];
  return [...line.value.matchAll(/[^ ]+/g)].map(({ 0: name, index }) =>
    readAt({ offset: line.offset + index, field: line.key }, () => parseBaseName(name)),
  );
}

function parseFilled(value: string): string {
  if (value === '') throw new NixFormatError('The value is empty', { offset: 0 });
  return value;
}

function parsePositiveSize(value: string): number {
  const size = parseSize(value);
  if (size === 0) throw new NixFormatError('An archive has more than no bytes', { offset: 0 });
  return size;
}

function parseSize(value: string): number {
  const size = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(size))
    throw new NixFormatError(`${quote(value)} is no size from 0 to 2^53 - 1`, { offset: 0 });
  return size;
}
