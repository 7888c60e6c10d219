// Two letters exchanged are two changes; beyond a third of its letters a word is another word, not a slip of the hand.
const slipLettersMin = 2;
const slipShare = 1 / 3;

/** The word that `text` was probably meant to be; null if none is near. */
export function nearest(text: string, words: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(slipLettersMin, Math.floor(text.length * slipShare)) + 1;
  for (const word of words) {
    const distance = editDistance(normal(text), normal(word));
    if (distance < bestDistance) [best, bestDistance] = [word, distance];
  }
  return best;
}

/** `max-jobs` and `max_jobs` are slips for `maxJobs`. */
function normal(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '');
}

/** How many letters must be put in, taken out or exchanged to get from one word to the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, letter] of from.split('').entries()) {
    const next = [line + 1];
    for (const [column, other] of to.split('').entries()) {
      const exchanged = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(exchanged, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
