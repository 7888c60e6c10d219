import type { Machine } from '../plan/observation.ts';
import type { Order } from './driver.ts';

/** What a machine bears from the moment in which it is there, as tags or labels. */
export const marks = {
  owner: 'iolaus-owner',
  name: 'iolaus-name',
  pool: 'iolaus-pool',
  offer: 'iolaus-offer',
  generation: 'iolaus-generation',
} as const;

export function marksOf({ owner, name, pool, offer, generation }: Order): Record<string, string> {
  return {
    [marks.owner]: owner,
    [marks.name]: name,
    [marks.pool]: pool.name,
    [marks.offer]: offer.name,
    [marks.generation]: generation,
  };
}

/** The parts of a machine that its marks tell; null: it is not this owner's. */
export function readMarks(
  found: Readonly<Record<string, string | undefined>>,
  owner: string,
): Pick<Machine, 'name' | 'pool' | 'offer' | 'generation'> | null {
  const name = found[marks.name];
  if (found[marks.owner] !== owner || name === undefined) return null;
  return {
    name,
    pool: found[marks.pool] ?? '',
    offer: found[marks.offer] ?? '',
    generation: found[marks.generation] ?? '',
  };
}
