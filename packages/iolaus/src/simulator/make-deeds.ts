import { makeSettings } from './make-settings.ts';
import type { Deed } from './plan.ts';
import type { Random } from './random.ts';

const holds = ['paused', 'draining', null] as const;

/** What people do until a time: some evaluations, and whatever comes into their minds. */
export function makeDeeds(random: Random, nodes: number, until: number): Deed[] {
  const deeds: Deed[] = [];
  const evaluations = 1 + random.below(4);
  let builds = 0;
  for (let index = 0; index < evaluations; index += 1) {
    // The later a node, the more it needs.
    const wanted = Array.from({ length: 1 + random.below(11) }, () =>
      random.chance(0.6) ? nodes - 1 - random.below(Math.min(nodes, 4)) : random.below(nodes),
    );
    builds += wanted.length;
    const at = random.chance(0.5) ? random.between(0, 1_000) : random.between(0, until);
    deeds.push({ type: 'evaluate', at, jobset: 1 + random.below(3), nodes: [...new Set(wanted)] });
  }
  for (let count = random.below(7); count > 0; count -= 1) {
    deeds.push(makeDeed(random, builds, random.between(0, until)));
  }
  return deeds.toSorted((one, other) => one.at - other.at);
}

function makeDeed(random: Random, builds: number, at: number): Deed {
  const build = random.below(builds);
  switch (random.below(10)) {
    case 0:
      return { type: 'cancel', at, build };
    case 5:
    case 8:
      return {
        type: 'emergency',
        at,
        build,
        isWhole: random.chance(0.5),
        preempts: random.chance(0.7),
      };
    case 6:
    case 7:
      return { type: 'hold', at, builder: random.below(4), hold: random.pick(holds) };
    case 4:
      return { type: 'reconfigure', at, settings: makeSettings(random) };
    case 1:
      return { type: 'delete', at, build };
    case 2:
      return { type: 'restart', at, build };
    case 3:
      return { type: 'share', at, jobset: 1 + random.below(3), shares: 1 + random.below(200) };
    default:
      return { type: 'bump', at, build, globalPriority: random.below(3) };
  }
}
