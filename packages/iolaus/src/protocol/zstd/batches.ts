export type Batch = {
  readonly bytes: Buffer;
  /** Why it is given away: it is full, time is up, or nothing more will come. */
  readonly because: 'full' | 'time' | 'end';
};

export type BatchLimits = { readonly fullBytes: number; readonly waitMilliseconds: number };

/**
 * Gathers pieces until there are `fullBytes`, or until the first of them is `waitMilliseconds` old. The last batch, and
 * only that one, is given because of `end`; it may be empty.
 */
export async function* inBatches(
  pieces: AsyncIterable<Uint8Array>,
  limits: BatchLimits,
): AsyncGenerator<Batch, void, void> {
  const source = new LookAhead(pieces);
  try {
    for (;;) {
      const batch = await gather(source, limits);
      yield batch;
      if (batch.because === 'end') return;
    }
  } finally {
    source.release();
  }
}

async function gather(source: LookAhead, limits: BatchLimits): Promise<Batch> {
  const first = await source.peek();
  if (first.done === true) return { bytes: Buffer.alloc(0), because: 'end' };
  const gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  const { promise: timeUp, resolve: ring } = Promise.withResolvers<'time'>();
  const timer = setTimeout(ring, limits.waitMilliseconds, 'time');
  const batch = (because: Batch['because']): Batch => ({
    bytes: Buffer.concat(gathered, gatheredBytes),
    because,
  });
  try {
    while (gatheredBytes < limits.fullBytes) {
      const step = await Promise.race([source.peek(), timeUp]);
      if (step === 'time') return batch('time');
      if (step.done === true) return batch('end');
      gathered.push(step.value);
      gatheredBytes += step.value.length;
      source.take();
    }
    return batch('full');
  } finally {
    clearTimeout(timer);
  }
}

/** Asks for the next piece once, however often one waits for it. */
class LookAhead {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #next: Promise<IteratorResult<Uint8Array>> | undefined;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#iterator = pieces[Symbol.asyncIterator]();
  }

  peek(): Promise<IteratorResult<Uint8Array>> {
    this.#next ??= this.#iterator.next();
    return this.#next;
  }

  take(): void {
    this.#next = undefined;
  }

  /** Does not wait: the source may be silent for long. */
  release(): void {
    this.#next?.catch(() => {});
    void this.#iterator.return?.().catch(() => {});
  }
}
