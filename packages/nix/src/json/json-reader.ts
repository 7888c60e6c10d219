import { fromUtf8, toUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import { NixFormatError, quote, readAt } from '../format-error.ts';
import { valueOf } from './json-value.ts';
import type { JsonNode, JsonValue } from './json-value.ts';

/** A value of some JSON, with the name of the field it is; all its errors tell field and byte. */
export class JsonReader {
  readonly #node: JsonNode;
  readonly #field: string;

  constructor(node: JsonNode, field = '') {
    this.#node = node;
    this.#field = field;
  }

  get isObject(): boolean {
    return this.#node.type === 'object';
  }

  get isArray(): boolean {
    return this.#node.type === 'array';
  }

  get isNull(): boolean {
    return this.#node.type === 'literal' && this.#node.value === null;
  }

  /** The member, which must be there. */
  member(name: string): JsonReader {
    return this.optional(name) ?? this.fail(`there should be a member '${name}'`);
  }

  /** The member, or null where it is missing or null. */
  optional(name: string): JsonReader | null {
    const node = this.#members().get(fromUtf8(name));
    if (node === undefined) return null;
    const reader = new JsonReader(node, this.#fieldOf(name));
    return reader.isNull ? null : reader;
  }

  /** All members with their names. */
  entries(): (readonly [ByteString, JsonReader])[] {
    return [...this.#members()].map(
      ([name, node]) => [name, new JsonReader(node, this.#fieldOf(toUtf8(name)))] as const,
    );
  }

  items(): JsonReader[] {
    if (this.#node.type !== 'array') this.fail('a list should stand');
    return this.#node.items.map((node, index) => new JsonReader(node, `${this.#field}[${index}]`));
  }

  bytes(): ByteString {
    return this.#node.type === 'string' ? this.#node.value : this.fail('a text should stand');
  }

  text(): string {
    return toUtf8(this.bytes());
  }

  boolean(): boolean {
    const value = this.#node.type === 'literal' ? this.#node.value : null;
    return value ?? this.fail('true or false should stand');
  }

  /** A whole number from 0 to 2^53 - 1. */
  count(): number {
    const digits = this.#node.type === 'number' ? this.#node.value.number : '';
    const value = Number(digits);
    if (/^\d+$/.test(digits) && Number.isSafeInteger(value)) return value;
    return this.fail('a whole number from 0 to 2^53 - 1 should stand');
  }

  value(): JsonValue {
    return valueOf(this.#node);
  }

  /** Refuses members that are not known: what is left out would change what is meant. */
  refuseOthers(known: readonly string[]): void {
    for (const [name, reader] of this.entries())
      if (!known.includes(name))
        reader.fail(`${quote(toUtf8(name))} is not a member that is known`);
  }

  /** Parses the text; what the parser does not like is told with field and byte. */
  parse<T>(parse: (text: string) => T): T {
    const text = this.text();
    // Behind the quotation mark.
    const place = { offset: this.#node.offset + 1, field: this.#field };
    return readAt(place, () => parse(text));
  }

  /** Runs `read` on something that belongs to this value, such as its name; its errors get this value's place. */
  within<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof NixFormatError)) throw error;
      return this.fail(error.reason);
    }
  }

  fail(reason: string): never {
    const field = this.#field === '' ? 'JSON' : this.#field;
    throw new NixFormatError(reason, { offset: this.#node.offset, field });
  }

  #members() {
    return this.#node.type === 'object' ? this.#node.members : this.fail('an object should stand');
  }

  #fieldOf(name: string): string {
    return this.#field === '' ? name : `${this.#field}.${name}`;
  }
}
