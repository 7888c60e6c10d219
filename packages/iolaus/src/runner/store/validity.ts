import type { StorePath } from '@iolaus/nix';

/** Which of these paths are in the store. */
export type Validity = (paths: readonly StorePath[]) => Promise<ReadonlySet<StorePath>>;

/**
 * Asks the daemon one question at a time. Whoever asks meanwhile shares the next one: reports of a hundred steps a second
 * cost a few questions.
 */
export function shareQuestions<Answer>(
  ask: (paths: readonly StorePath[]) => Promise<Answer>,
): (paths: readonly StorePath[]) => Promise<Answer> {
  let asking: Promise<unknown> = Promise.resolve();
  let gathering: { readonly paths: Set<StorePath>; readonly answer: Promise<Answer> } | undefined;

  const gather = (): NonNullable<typeof gathering> => {
    const paths = new Set<StorePath>();
    const answer = asking.then(() => {
      gathering = undefined;
      return ask([...paths]);
    });
    // A question that fails is its askers' to deal with; the next one is asked all the same.
    asking = answer.catch(() => {});
    return { paths, answer };
  };

  return (paths) => {
    gathering ??= gather();
    for (const path of paths) gathering.paths.add(path);
    return gathering.answer;
  };
}
