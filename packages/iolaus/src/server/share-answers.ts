// An answer serves others for ten times as long as it took, so that asking takes a tenth of the time at most.
const idleShare = 9;
const shareMillisecondsMin = 250;

/**
 * Asks a question that costs something, and gives its answer to all who ask while it is fresh, and for
 * `staleMillisecondsMax` more while the next one is on its way. Errors are not kept.
 */
export function shareAnswers<T>(
  ask: () => Promise<T>,
  { staleMillisecondsMax = 0 }: { readonly staleMillisecondsMax?: number } = {},
): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let former: Promise<T> | undefined;
  let freshUntil = 0;
  let formerUntil = 0;
  const askAgain = (): Promise<T> => {
    const startedAt = performance.now();
    freshUntil = Infinity;
    const asked = ask().finally(() => {
      const now = performance.now();
      former = undefined;
      freshUntil = now + Math.max(shareMillisecondsMin, (now - startedAt) * idleShare);
    });
    asked.catch(() => {
      answer = undefined;
    });
    return asked;
  };
  return () => {
    const now = performance.now();
    if (answer === undefined || now >= freshUntil) {
      former = answer;
      formerUntil = freshUntil + staleMillisecondsMax;
      answer = askAgain();
    }
    return former !== undefined && now < formerUntil ? former : answer;
  };
}
