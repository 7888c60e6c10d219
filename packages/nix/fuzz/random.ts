/** Choices that are the same for the same seed, on every machine. */
export type Random = {
  /** A whole number from 0 up to, but not including, `end`. */
  below(end: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
};

/** Mulberry32: 32 bits of state are plenty for the few dozen choices that one input takes. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (end: number): number => Math.floor((next() / 2 ** 32) * end);
  return { below, pick: (items) => items[below(items.length)] ?? items[0] };
}

/** One seed out of a session's, a target's name and an input's number, so that each input stands alone. */
export function seedOf(session: number, target: string, input: number): number {
  let mixed = session ^ 0x9e3779b9;
  for (const character of target)
    mixed = Math.imul(mixed ^ (character.codePointAt(0) ?? 0), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13) ^ input, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
