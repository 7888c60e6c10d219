/** Random numbers, the same ones for the same seed. */
export type Random = {
  /** From 0 to below 1. */
  fraction(): number;
  /** A whole number from 0 to below the limit. */
  below(limit: number): number;
  /** A number between the two. */
  between(least: number, most: number): number;
  /** Whether something of this probability happens. */
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** A stream of its own: what one draws from it changes nothing for the others. */
  branch(name: string): Random;
};

/** The generator is `sfc32` by Chris Doty-Humphrey: 128 bits of state, small and quick, and good enough for dice. */
export function seededRandom(seed: number, name = ''): Random {
  const fraction = smallFastCounter(seed, hashText(name));
  const below = (limit: number): number => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    between: (least, most) => least + (most - least) * fraction(),
    chance: (probability) => fraction() < probability,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('there is nothing to pick from');
      return item;
    },
    branch: (branch) => seededRandom(seed, `${name}/${branch}`),
  };
}

function smallFastCounter(seed: number, stream: number): () => number {
  let a = seed | 0;
  let b = (seed / 2 ** 32) | 0;
  let c = stream | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first numbers of similar seeds are alike.
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** FNV-1a. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
