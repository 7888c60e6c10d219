// More would not help the eye.
const namesShown = 5;

/** The names most like a mistaken one, best first. */
export function nearestNames(mistaken: string, names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, distance: editDistance(mistaken, name) }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, namesShown)
    .map(({ name }) => name);
}

/** Letters to insert, delete or replace (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (const [column, other] of Array.from(to).entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
