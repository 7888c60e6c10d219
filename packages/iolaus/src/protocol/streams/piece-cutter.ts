import { CallError } from '../call-error.ts';

/** Cuts a stream of bytes into stretches of known length. */
export class PieceCutter {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /**
   * Hands the next `bytes` bytes to `use`, and drops what it leaves unread. Throws `CallError('invalid-argument')` if
   * the stream is shorter.
   */
  async hand(
    bytes: number,
    use: (pieces: AsyncIterable<Uint8Array>) => Promise<void>,
  ): Promise<void> {
    let left = bytes;
    const take = async function* (this: PieceCutter): AsyncGenerator<Uint8Array, void, void> {
      while (left > 0) {
        const piece = await this.#next(left);
        left -= piece.length;
        yield piece;
      }
    };
    await use(take.call(this));
    for await (const unread of take.call(this)) void unread;
  }

  /** Throws `CallError('invalid-argument')` unless there is nothing more. */
  async expectEnd(): Promise<void> {
    while (this.#rest.length === 0) {
      const step = await this.#pieces.next();
      if (step.done === true) return;
      this.#rest = step.value;
    }
    throw new CallError('invalid-argument', 'there is more data than was announced');
  }

  /** Lets go of the stream; does not wait, as its source may be silent for long. */
  release(): void {
    void this.#pieces.return?.().catch(() => {});
  }

  /** At least one byte, and at most `limit`. */
  async #next(limit: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const step = await this.#pieces.next();
      if (step.done === true) {
        throw new CallError('invalid-argument', 'there is less data than was announced');
      }
      this.#rest = step.value;
    }
    const piece = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }
}
