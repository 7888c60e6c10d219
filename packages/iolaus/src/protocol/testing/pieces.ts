/** The values, one by one, as they would come from afar. */
export async function* each<T>(values: Iterable<T>): AsyncGenerator<T, void, void> {
  yield* values;
}

/** All values in an array. */
export async function gather<T>(values: AsyncIterable<T>): Promise<T[]> {
  const gathered: T[] = [];
  for await (const value of values) gathered.push(value);
  return gathered;
}

/** All bytes in one buffer. */
export async function gatherBytes(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await gather(pieces));
}

/** What can be written to by one side while the other reads. */
export class Pipe<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  #wake = Promise.withResolvers<void>();
  #ended = false;

  push(value: T): void {
    this.#waiting.push(value);
    this.#wake.resolve();
  }

  end(): void {
    this.#ended = true;
    this.#wake.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      yield* this.#waiting.splice(0);
      if (this.#ended && this.#waiting.length === 0) return;
      await this.#wake.promise;
      this.#wake = Promise.withResolvers<void>();
    }
  }
}
