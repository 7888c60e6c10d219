/** A stretch of time, in seconds since the epoch. */
export type Stretch = { readonly start: number; readonly end: number };

/**
 * Puts stretches that overlap beside each other, in as few lanes as there are slots. `known` remembers the lane of each, so
 * that none jumps when others come and go; where there are more at once than lanes, some lie on each other in the last.
 */
export function placeInLanes<Key>(
  stretches: ReadonlyMap<Key, Stretch>,
  lanes: number,
  known: ReadonlyMap<Key, number>,
): Map<Key, number> {
  const placed = new Map<Key, number>();
  const taken: Stretch[][] = Array.from({ length: Math.max(lanes, 1) }, () => []);
  const put = (key: Key, stretch: Stretch, lane: number): void => {
    placed.set(key, lane);
    taken[lane]?.push(stretch);
  };
  const byStart = [...stretches].sort(([, one], [, other]) => one.start - other.start);
  for (const [key, stretch] of byStart) {
    const lane = known.get(key);
    if (lane !== undefined && lane < taken.length) put(key, stretch, lane);
  }
  for (const [key, stretch] of byStart) {
    if (placed.has(key)) continue;
    const free = taken.findIndex((others) => !others.some((other) => overlap(stretch, other)));
    put(key, stretch, free === -1 ? taken.length - 1 : free);
  }
  return placed;
}

const overlap = (one: Stretch, other: Stretch): boolean =>
  one.start < other.end && other.start < one.end;
