import { NixFormatError } from '../format-error.ts';
import { outOfBytes, WordReader } from './word-reader.ts';

/** Reads units of numbers and strings from a stream, waiting for what has not come. */
export class UnitSource {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  readonly #reader = new WordReader();

  constructor(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#chunks =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  }

  /** How many bytes have been read. */
  get offset(): number {
    return this.#reader.offset;
  }

  /**
   * @param parse is called again from the unit's start when more has come, so it has no effects of its own
   * @param field what is read, for the error if the stream ends before
   */
  async read<T>(field: string, parse: (reader: WordReader) => T): Promise<T> {
    for (;;) {
      const start = this.#reader.offset;
      try {
        return parse(this.#reader);
      } catch (error) {
        if (error !== outOfBytes) throw error;
        this.#reader.keepFrom(start);
      }
      if (!(await this.#receive()))
        throw new NixFormatError('the stream breaks off', {
          offset: this.#reader.received,
          field,
        });
    }
  }

  /** The next raw bytes, as many as there are; null at the end. What is too much goes back with `unread`. */
  async next(): Promise<Uint8Array | null> {
    if (this.#reader.rest().length === 0 && !(await this.#receive())) return null;
    return this.#reader.some(Infinity);
  }

  /** Puts back the last bytes that `next` gave. */
  unread(count: number): void {
    this.#reader.unread(count);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** False at the end of the stream. */
  async #receive(): Promise<boolean> {
    for (;;) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      if (next.value.length === 0) continue;
      this.#reader.append(next.value);
      return true;
    }
  }
}
