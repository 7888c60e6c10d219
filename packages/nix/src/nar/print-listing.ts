import { fromUtf8 } from '../byte-string.ts';
import { jsonObject } from '../json/json-value.ts';
import type { JsonValue } from '../json/json-value.ts';
import { printJson } from '../json/print-json.ts';
import type { NarListing } from './listing.ts';

/**
 * Versions of Nix print the same listing differently: 2.8 in the order of reading and with bytes as they are, later ones
 * with sorted keys and only in UTF-8, and from 2.35 on `executable` always, not only where it is true.
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
 * @throws NixFormatError for names and targets that are not UTF-8, but for the dialect `2.8`
 */
export function printListing(listing: NarListing, options: PrintListingOptions = {}): Buffer {
  const { dialect = '2.35', recursive = true } = options;
  return print(describe(listing, dialect, recursive ? Infinity : 1), dialect);
}

/**
 * The `.ls` file beside a `.narinfo` in a cache: a listing with its version.
 * @throws NixFormatError as `printListing` does
 */
export function printListingFile(listing: NarListing, dialect: ListingDialect = '2.35'): Buffer {
  const root = describe(listing, dialect, Infinity);
  return print(jsonObject({ version: { number: '1' }, root }), dialect);
}

function print(value: JsonValue, dialect: ListingDialect): Buffer {
  return printJson(value, dialect === '2.8' ? 'as-given' : 'sorted', 'compact');
}

/**
 * Members in the order of 2.8; later ones are sorted anyway.
 * @param levels how many directories deep to go
 */
function describe(listing: NarListing, dialect: ListingDialect, levels: number): JsonValue {
  const type = fromUtf8(listing.type);
  if (listing.type === 'symlink') return jsonObject({ type, target: listing.target });
  if (listing.type === 'directory')
    return jsonObject({ type, entries: describeEntries(listing.entries, dialect, levels - 1) });
  const { size, executable, narOffset } = listing;
  return jsonObject({
    type,
    size: { number: String(size) },
    ...(executable || dialect === '2.35' ? { executable } : {}),
    narOffset: { number: String(narOffset) },
  });
}

function describeEntries(
  entries: Extract<NarListing, { type: 'directory' }>['entries'],
  dialect: ListingDialect,
  levels: number,
): JsonValue {
  return new Map(
    [...entries].map(([name, entry]) => {
      const described = levels > 0 ? describe(entry, dialect, levels) : jsonObject({});
      return [name, described] as const;
    }),
  );
}
