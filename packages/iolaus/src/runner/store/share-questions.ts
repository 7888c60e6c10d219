import type { StorePath } from '@iolaus/nix';

type Ask<Answer> = (paths: readonly StorePath[]) => Promise<Answer>;

/**
 * Asks one question at a time, and rests after each. Whoever asks meanwhile shares the next one: a question costs more than a
 * path. All who are in a question that fails are told so.
 */
export function shareQuestions<Answer>(
  ask: Ask<Answer>,
  rest: () => Promise<void> = async () => {},
): Ask<Answer> {
  let ready: Promise<void> = Promise.resolve();
  let gathering: { readonly paths: Set<StorePath>; readonly answer: Promise<Answer> } | undefined;

  const gather = (): NonNullable<typeof gathering> => {
    const paths = new Set<StorePath>();
    const answer = ready.then(() => {
      gathering = undefined;
      return ask([...paths]);
    });
    // A question that fails is its askers' to deal with; the next one is asked all the same.
    ready = answer.then(rest, rest);
    return { paths, answer };
  };

  return (paths) => {
    gathering ??= gather();
    for (const path of paths) gathering.paths.add(path);
    return gathering.answer;
  };
}
