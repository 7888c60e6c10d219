import { Fault } from '../../fault/fault.ts';
import { parseCompression } from '../compression/compression.ts';
import type { Compression } from '../compression/compression.ts';

/**
 * The parameters behind the question mark of a store's address. Names and values keep their case. Each is taken once;
 * `finish` refuses what nobody took, so that a mistyped name is no silent default.
 */
export class Parameters {
  readonly #address: string;
  readonly #values: Map<string, string>;
  readonly #known: string[] = [];

  constructor(address: string, query: string) {
    this.#address = address;
    this.#values = new Map(
      query
        .split('&')
        .filter((part) => part !== '')
        .map((part) => this.#split(part)),
    );
  }

  /** The value under the first of these names that is set. */
  text(...names: readonly string[]): string | null {
    this.#known.push(...names);
    const found = names.find((name) => this.#values.has(name));
    const value = found === undefined ? null : (this.#values.get(found) ?? null);
    for (const name of names) this.#values.delete(name);
    return value;
  }

  /** As Nix reads them. */
  flag(fallback: boolean, ...names: readonly string[]): boolean {
    const text = this.text(...names);
    if (text === null) return fallback;
    if (/^(1|true|yes)$/.test(text.trim())) return true;
    if (/^(0|false|no)$/.test(text.trim())) return false;
    throw this.fault(`${names[0]}=${text} is neither true nor false`);
  }

  number(name: string, least: number, most: number): number | null {
    const text = this.text(name);
    if (text === null) return null;
    const value = Number(text);
    if (/^-?\d+$/.test(text) && value >= least && value <= most) return value;
    throw this.fault(`${name}=${text} is no whole number from ${least} to ${most}`);
  }

  compression(fallback: Compression, name: string): Compression {
    const text = this.text(name);
    if (text === null) return fallback;
    const compression = parseCompression(text);
    if (compression !== null) return compression;
    throw this.fault(`${name}=${text}: there are none, xz, bzip2, br and zstd`);
  }

  oneOf<Value extends string>(fallback: Value, name: string, values: readonly Value[]): Value {
    const text = this.text(name);
    const found = values.find((value) => value === text);
    if (text === null || found !== undefined) return found ?? fallback;
    throw this.fault(`${name}=${text}: there are ${values.join(', ')}`);
  }

  finish(): void {
    const [unknown] = this.#values.keys();
    if (unknown !== undefined)
      throw this.fault(`there is no parameter '${unknown}'; there are ${this.#known.join(', ')}`);
  }

  fault(sentence: string): Fault {
    return new Fault('bad-configuration', `${this.#address}: ${sentence}`, {
      remedy: 'docs/caches.md lists what the address of a cache may say.',
    });
  }

  #split(part: string): [string, string] {
    const equals = part.indexOf('=');
    if (equals <= 0) throw this.fault(`'${part}' is no parameter: that is name=value`);
    return [part.slice(0, equals), this.#decode(part.slice(equals + 1))];
  }

  #decode(text: string): string {
    try {
      return decodeURIComponent(text);
    } catch (cause) {
      throw new Fault('bad-configuration', `${this.#address}: '${text}' has a bad % in it`, {
        remedy: 'Write %25 for a % that is meant.',
        cause,
      });
    }
  }
}
