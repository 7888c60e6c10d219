/**
 * Puts what refers to each other into generations, each before all that it refers to: whoever takes them away in this
 * order leaves nothing that lacks anything, wherever it is broken off. What refers to itself in a ring comes last.
 * @param references of each, others included that are none of these
 */
export function referrersFirst(references: ReadonlyMap<string, readonly string[]>): string[][] {
  const referrers = new Map([...references.keys()].map((key) => [key, 0]));
  const others = (key: string): string[] =>
    (references.get(key) ?? []).filter((other) => other !== key && referrers.has(other));
  const count = (key: string, change: 1 | -1): number => {
    const now = (referrers.get(key) ?? 0) + change;
    referrers.set(key, now);
    return now;
  };
  for (const key of references.keys()) for (const other of others(key)) count(other, 1);
  const generations: string[][] = [];
  let next = [...references.keys()].filter((key) => referrers.get(key) === 0);
  const placed = new Set<string>();
  while (next.length > 0) {
    generations.push(next);
    for (const key of next) placed.add(key);
    next = next.flatMap(others).filter((other) => count(other, -1) === 0);
  }
  const ring = [...references.keys()].filter((key) => !placed.has(key));
  return ring.length === 0 ? generations : [...generations, ring];
}
