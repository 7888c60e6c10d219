import { isUtf8 } from 'node:buffer';
import { toBytes } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import { NixFormatError, quote } from '../format-error.ts';
import { sortedEntries } from '../sorted-entries.ts';
import type { JsonValue } from './json-value.ts';

/**
 * How Nix writes JSON.
 * - `as-given`: members in their order and bytes as they are, as up to 2.8
 * - `sorted`: members by the bytes of their names, and only UTF-8, as later
 */
export type JsonStyle = 'as-given' | 'sorted';

/** In lines with two spaces for each level, or on a single one. */
export type JsonLayout = 'pretty' | 'compact';

/**
 * The bytes that Nix would write, without a newline at the end.
 * @throws NixFormatError for texts that are not UTF-8 in the style that cannot hold them
 */
export function printJson(value: JsonValue, style: JsonStyle, layout: JsonLayout): Buffer {
  return Buffer.from(printValue(value, { style, layout, indent: '' }), 'latin1');
}

type Context = {
  readonly style: JsonStyle;
  readonly layout: JsonLayout;
  readonly indent: string;
};

function printValue(value: JsonValue, context: Context): string {
  if (typeof value === 'string') return printString(value, context.style);
  if (value === null || typeof value === 'boolean') return String(value);
  if ('number' in value) return value.number;
  const inner = { ...context, indent: `${context.indent}  ` };
  if (!(value instanceof Map)) {
    if (!Array.isArray(value)) throw new TypeError('This is no JSON value');
    const items = value.map((item: JsonValue) => printValue(item, inner));
    return printItems('[', items, ']', context);
  }
  const colon = context.layout === 'pretty' ? ': ' : ':';
  const ordered = context.style === 'sorted' ? sortedEntries(value) : [...value];
  const members = ordered.map(
    ([name, member]) => `${printString(name, context.style)}${colon}${printValue(member, inner)}`,
  );
  return printItems('{', members, '}', context);
}

function printItems(
  open: string,
  items: readonly string[],
  close: string,
  { layout, indent }: Context,
): string {
  if (items.length === 0) return open + close;
  if (layout === 'compact') return open + items.join(',') + close;
  const lines = items.map((item) => `\n${indent}  ${item}`);
  return `${open}${lines.join(',')}\n${indent}${close}`;
}

const special = /["\\\0-\x1f]/g;
const oldEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const newEscapes: Readonly<Record<string, string>> = { ...oldEscapes, '\b': '\\b', '\f': '\\f' };

function printString(text: ByteString, style: JsonStyle): string {
  if (style === 'sorted' && !isUtf8(toBytes(text)))
    throw new NixFormatError(`${quote(text)} is not UTF-8, so Nix does not write it as JSON`);
  const escapes = style === 'sorted' ? newEscapes : oldEscapes;
  const escaped = text.replaceAll(
    special,
    (character) =>
      escapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}
