import type { ByteString } from '../../byte-string.ts';
import { fromBytes } from '../../byte-string.ts';
import { derivationPath, parseStorePath } from '../../store-path/store-path.ts';
import type { DerivationPath, StorePath } from '../../store-path/store-path.ts';
import type { Protocol } from '../protocol.ts';
import type { WireCursor } from './cursor.ts';
import type { WireReader } from './reader.ts';
import type { WireWriter } from './writer.ts';

/** How a kind of value lies on the wire: said once, for both directions and both sides. */
export type Layout<T> = {
  write(writer: WireWriter, value: T, protocol: Protocol): void;
  /** From bytes that are all there; see `WireCursor`. */
  parse(cursor: WireCursor, protocol: Protocol): T;
  /** Waits for what has not arrived, and never goes back further than one item of a list. */
  read(reader: WireReader, protocol: Protocol): Promise<T>;
};

/** A value that is read whole. */
export function unit<T>(
  write: (writer: WireWriter, value: T, protocol: Protocol) => unknown,
  parse: (cursor: WireCursor, protocol: Protocol) => T,
): Layout<T> {
  return {
    write: (writer, value, protocol) => void write(writer, value, protocol),
    parse,
    read: (reader, protocol) => reader.read((cursor) => parse(cursor, protocol)),
  };
}

/** A number up to 2^53. */
export const int: Layout<number> = unit(
  (writer, value) => writer.int(value),
  (cursor) => cursor.int(),
);

/** A number up to 2^64. */
export const bigint: Layout<bigint> = unit(
  (writer, value) => writer.bigint(value),
  (cursor) => cursor.bigint(),
);

export const boolean: Layout<boolean> = unit(
  (writer, value) => writer.boolean(value),
  (cursor) => cursor.boolean(),
);

/** Text in UTF-8. */
export const text: Layout<string> = unit(
  (writer, value) => writer.text(value),
  (cursor) => cursor.text(),
);

/** Any bytes, as a view of what was received. */
export const bytes: Layout<Uint8Array> = unit(
  (writer, value) => writer.bytes(value),
  (cursor) => cursor.bytes(),
);

/** Any bytes, one character each. */
export const byteString: Layout<ByteString> = unit(
  (writer, value) => writer.string(value),
  (cursor) => fromBytes(cursor.bytes()),
);

/** A full store path on the wire, its base name here. */
export const path: Layout<StorePath> = unit(
  (writer, value) => writer.path(value),
  (cursor) => cursor.path(),
);

/** The path of a derivation. */
export const drvPath: Layout<DerivationPath> = unit(
  (writer, value) => writer.path(value),
  (cursor) => cursor.parsed((value) => derivationPath(parseStorePath(cursor.directory, value))),
);

/** A store path, or an empty text for none. */
export const optionalPath: Layout<StorePath | null> = unit(
  (writer, value) => (value === null ? writer.text('') : writer.path(value)),
  (cursor) =>
    cursor.parsed((value) => (value === '' ? null : parseStorePath(cursor.directory, value))),
);

/** A text that stands for something else. `parse` throws `NixFormatError` where it does not. */
export function textOf<T>(print: (value: T) => string, parse: (text: string) => T): Layout<T> {
  return unit(
    (writer, value) => writer.text(print(value)),
    (cursor) => cursor.parsed(parse),
  );
}

/** One of a few words that travel as numbers; `other` stands for those that are not known. */
export function numbered<Word extends string>(
  words: Readonly<Record<Word, number>>,
  other: NoInfer<Word>,
): Layout<Word> {
  const names = new Map<number, Word>();
  for (const word in words) names.set(words[word], word);
  return unit(
    (writer, value) => writer.int(words[value]),
    (cursor) => names.get(cursor.int()) ?? other,
  );
}
