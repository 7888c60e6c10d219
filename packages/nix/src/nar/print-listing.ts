import { toBytes, toUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import { isUtf8 } from 'node:buffer';
import { NixFormatError, quote } from '../format-error.ts';
import type { NarListing } from './listing.ts';

/**
 * Versions of Nix print the same listing differently: 2.8 in the order of reading, later ones with sorted keys, and
 * from 2.35 on `executable` always, not only where it is true.
 */
export type ListingDialect = '2.8' | '2.34' | '2.35';

/** How a listing is printed. */
export type PrintListingOptions = {
  /** The newest where nothing is said. */
  readonly dialect?: ListingDialect;
  /** Whether to go into directories below the first; `{}` stands for what is in that. True where nothing is said. */
  readonly recursive?: boolean;
};

/**
 * What `nix nar ls --json` prints, without a line end.
 * @throws NixFormatError for names and targets that are not UTF-8, which JSON cannot hold
 */
export function printListing(listing: NarListing, options: PrintListingOptions = {}): string {
  const { dialect = '2.35', recursive = true } = options;
  return printNode(listing, dialect, recursive ? Infinity : 1);
}

/** The `.ls` file beside a `.narinfo` in a cache: a listing with its version. */
export function printListingFile(listing: NarListing, dialect: ListingDialect = '2.35'): string {
  const root = printNode(listing, dialect, Infinity);
  return printObject({ version: '1', root }, dialect);
}

/** @param levels how many directories deep to go */
function printNode(listing: NarListing, dialect: ListingDialect, levels: number): string {
  return printObject(
    { type: `"${listing.type}"`, ...printFields(listing, dialect, levels) },
    dialect,
  );
}

function printFields(
  listing: NarListing,
  dialect: ListingDialect,
  levels: number,
): Record<string, string> {
  if (listing.type === 'symlink') return { target: printText(listing.target) };
  if (listing.type === 'directory')
    return { entries: printEntries(listing.entries, dialect, levels - 1) };
  const { size, executable, narOffset } = listing;
  return {
    size: String(size),
    ...(executable || dialect === '2.35' ? { executable: String(executable) } : {}),
    narOffset: String(narOffset),
  };
}

function printEntries(
  entries: ReadonlyMap<ByteString, NarListing>,
  dialect: ListingDialect,
  levels: number,
): string {
  const pairs = [...entries].map(([name, entry]) => {
    const printed = levels > 0 ? printNode(entry, dialect, levels) : '{}';
    return `${printText(name)}:${printed}`;
  });
  return `{${pairs.join(',')}}`;
}

/** Values are printed already. */
function printObject(fields: Readonly<Record<string, string>>, dialect: ListingDialect): string {
  const pairs = Object.entries(fields).map(([key, value]) => `"${key}":${value}`);
  return `{${(dialect === '2.8' ? pairs : pairs.sort()).join(',')}}`;
}

function printText(text: ByteString): string {
  if (!isUtf8(toBytes(text)))
    throw new NixFormatError(`JSON cannot hold ${quote(toUtf8(text))}, which is not UTF-8`);
  return JSON.stringify(toUtf8(text));
}
