/** The pieces until the signal is aborted; then throws its reason at once, without waiting for the next piece. */
export async function* readUntil<Piece>(
  over: AbortSignal,
  pieces: AsyncIterable<Piece>,
): AsyncGenerator<Piece, void, void> {
  const iterator = pieces[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await unlessOver(over, iterator.next());
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    // Does not wait: the source may be silent for long.
    void iterator.return?.().catch(() => {});
  }
}

function unlessOver<Answer>(over: AbortSignal, asked: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(over.reason);
    if (over.aborted) end();
    else over.addEventListener('abort', end, { once: true });
    asked.finally(() => over.removeEventListener('abort', end)).then(resolve, reject);
  });
}
