import { assumeBytes, fromUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import { NixFormatError, quote } from '../format-error.ts';
import type { JsonNode } from './json-value.ts';

/** Far more than anybody nests, and far less than the call stack holds. */
const deepestNesting = 256;
const whiteSpace = /[ \t\r\n]*/y;
const plainText = /[^"\\\0-\x1f]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const hexDigits = /[0-9a-fA-F]{4}/y;
const literals = { true: true, false: false, null: null } as const;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * Reads JSON to values that know where they stood. Unlike JSON.parse it keeps numbers as written and
 * bytes that are not UTF-8, and refuses members of one name, which Nix's readers would choose between.
 * @throws NixFormatError
 */
export function parseJson(bytes: Uint8Array): JsonNode {
  return new JsonParser(bytes).parseAll();
}

class JsonParser {
  readonly #text: string;
  #position = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }

  parseAll(): JsonNode {
    const node = this.#parseValue();
    this.#take(whiteSpace);
    if (this.#position < this.#text.length) this.#fail('the JSON should end');
    return node;
  }

  #parseValue(): JsonNode {
    this.#take(whiteSpace);
    const offset = this.#position;
    const first = this.#text.charAt(offset);
    if (first === '{') return this.#nested(() => this.#parseObject(offset));
    if (first === '[') return this.#nested(() => this.#parseArray(offset));
    if (first === '"') return { type: 'string', offset, value: this.#parseString() };
    for (const [word, value] of Object.entries(literals))
      if (this.#skip(word)) return { type: 'literal', offset, value };
    const digits = this.#take(number);
    if (digits === '') this.#fail('a value should stand');
    return { type: 'number', offset, value: { number: digits } };
  }

  #parseObject(offset: number): JsonNode {
    const members = new Map<ByteString, JsonNode>();
    this.#parseItems('{', '}', () => {
      this.#take(whiteSpace);
      const start = this.#position;
      const name = this.#parseString();
      if (members.has(name)) this.#fail(`there is a member ${quote(name)} already`, start);
      this.#take(whiteSpace);
      this.#expect(':');
      members.set(name, this.#parseValue());
    });
    return { type: 'object', offset, members };
  }

  #parseArray(offset: number): JsonNode {
    const items: JsonNode[] = [];
    this.#parseItems('[', ']', () => items.push(this.#parseValue()));
    return { type: 'array', offset, items };
  }

  #parseItems(open: string, close: string, parseItem: () => void): void {
    this.#expect(open);
    this.#take(whiteSpace);
    if (this.#skip(close)) return;
    do {
      parseItem();
      this.#take(whiteSpace);
    } while (this.#skip(','));
    this.#expect(close);
  }

  #parseString(): ByteString {
    this.#expect('"');
    let value = this.#take(plainText);
    while (this.#skip('\\')) value += this.#parseEscape() + this.#take(plainText);
    this.#expect('"');
    return assumeBytes(value);
  }

  #parseEscape(): string {
    const start = this.#position - 1;
    const letter = this.#text.charAt(this.#position);
    this.#position += 1;
    const single = escapes[letter];
    if (single !== undefined) return single;
    if (letter !== 'u') this.#fail('this is no escape', start);
    const unit = this.#parseUnit(start);
    const pair = unit >= 0xd800 && unit < 0xdc00 && this.#skip('\\u');
    const text = String.fromCharCode(unit, ...(pair ? [this.#parseUnit(start)] : []));
    if (!text.isWellFormed()) this.#fail('half a character is no character', start);
    return fromUtf8(text);
  }

  #parseUnit(start: number): number {
    const digits = this.#take(hexDigits);
    if (digits === '') this.#fail('an escape has four digits', start);
    return Number.parseInt(digits, 16);
  }

  #nested(parse: () => JsonNode): JsonNode {
    if (this.#depth === deepestNesting)
      this.#fail(`nothing nests deeper than ${deepestNesting} levels`);
    this.#depth += 1;
    const node = parse();
    this.#depth -= 1;
    return node;
  }

  /** What the pattern, which is sticky, matches here; empty if nothing. */
  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const taken = pattern.exec(this.#text)?.[0] ?? '';
    this.#position += taken.length;
    return taken;
  }

  #skip(literal: string): boolean {
    if (!this.#text.startsWith(literal, this.#position)) return false;
    this.#position += literal.length;
    return true;
  }

  #expect(literal: string): void {
    if (!this.#skip(literal)) this.#fail(`'${literal}' should stand`);
  }

  #fail(reason: string, offset = this.#position): never {
    throw new NixFormatError(reason, { offset, field: 'JSON' });
  }
}
