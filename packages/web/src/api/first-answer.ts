/**
 * What the server said to `path` when it sent the page: what a page will ask for first comes along with it. Each answer is
 * given once, because it is old a moment later.
 */
export function takeFirstAnswer<T>(path: string): T | undefined {
  const element = document.querySelector(`script[data-answer-to="${CSS.escape(path)}"]`);
  if (element === null) return undefined;
  element.remove();
  const answer: T = JSON.parse(element.textContent);
  return answer;
}
