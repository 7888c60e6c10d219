import { escapeHtml } from './http/html.ts';

/** Answers of the API by the path that they answer. */
export type FirstAnswers = ReadonlyMap<string, unknown>;

// Whoever opens the page should see at least that it is coming; what takes longer the page asks for itself.
const patienceMilliseconds = 150;

/** Those of the answers that can be had at once. What fails is left out: the page asks again and tells the reason. */
export async function gatherFirstAnswers(
  questions: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<FirstAnswers> {
  const answers = new Map<string, unknown>();
  const asked = Object.entries(questions).map(async ([path, ask]) =>
    answers.set(path, await ask()),
  );
  const patience = Promise.withResolvers<void>();
  const timer = setTimeout(patience.resolve, patienceMilliseconds);
  await Promise.race([Promise.allSettled(asked), patience.promise]);
  clearTimeout(timer);
  return new Map(answers);
}

/** Answers as elements of the page, which run nothing and end nowhere but at their end, whatever is in them. */
export const writeFirstAnswers = (answers: FirstAnswers): string =>
  [...answers]
    .map(([path, answer]) => {
      const json = JSON.stringify(answer).replaceAll('<', String.raw`\u003c`);
      return `<script type="application/json" data-answer-to="${escapeHtml(path)}">${json}</script>`;
    })
    .join('\n');
