const element = document.getElementById('first-answers');
const answers: Record<string, unknown> =
  element === null ? {} : JSON.parse(element.textContent ?? '{}');

/**
 * What the server answered to `path` when it sent the page: what a page asks for first comes with it. Each answer is
 * given once, because it is old a moment later.
 */
export function takeFirstAnswer<T>(path: string): T | undefined {
  const answer = answers[path] as T | undefined;
  delete answers[path];
  return answer;
}
