// An answer serves others for ten times as long as it took, so that asking takes a tenth of the time at most.
const idleShare = 9;
const shareMillisecondsMin = 250;

/** Asks a question that costs something, and gives its answer to all who ask while it is fresh. Errors are not kept. */
export function shareAnswers<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let freshUntil = 0;
  const askAgain = (): Promise<T> => {
    const startedAt = performance.now();
    freshUntil = Infinity;
    const asked = ask().finally(() => {
      const now = performance.now();
      freshUntil = now + Math.max(shareMillisecondsMin, (now - startedAt) * idleShare);
    });
    asked.catch(() => {
      answer = undefined;
    });
    return asked;
  };
  return () => {
    if (answer === undefined || performance.now() >= freshUntil) answer = askAgain();
    return answer;
  };
}
