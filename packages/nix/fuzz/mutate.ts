import { mutations } from './mutations.ts';
import type { Random } from './random.ts';

/** One damage is mostly found at once; several get past the first check now and then. */
const mostMutations = 4;

/** A damaged input, made from one or two of `seeds`. */
export function mutate(seeds: readonly Buffer[], random: Random): Buffer {
  const pickSeed = () => seeds[random.below(seeds.length)] ?? Buffer.alloc(0);
  let input = pickSeed();
  for (let left = 1 + random.below(mostMutations); left > 0; left -= 1)
    input = random.pick(mutations)(input, random, pickSeed());
  return input;
}
