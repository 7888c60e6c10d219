import { generationOf } from '../plan/generation.ts';
import { offersOf } from '../plan/policy.ts';
import type { Order } from '../drivers/driver.ts';
import { configured } from './world.ts';

/** An order of `owner` us for a machine of the pool `p`. */
export function anOrder(name = 'us-p-1', pool: Readonly<Record<string, unknown>> = {}): Order {
  const [made] = configured({ systems: ['x86_64-linux'], features: ['kvm'], ...pool }).pools;
  const [offer] = made === undefined ? [] : offersOf(made);
  if (made === undefined || offer === undefined) throw new Error('a pool has an offer');
  return {
    name,
    owner: 'us',
    pool: made,
    offer,
    generation: generationOf(made),
    join: {
      endpoint: 'https://farm.example.org:50051',
      token: "a'token",
      exitWhenIdle: 900_000,
      afterwards: 'poweroff',
    },
  };
}
