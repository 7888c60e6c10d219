import { makeDeeds } from './make-deeds.ts';
import { makeSettings } from './make-settings.ts';
import { makeCaches, makeOrphans, makeStandbys, makeTroubles } from './make-troubles.ts';
import type { BuilderPlan, Fate, NodePlan, Plan, Vice } from './plan.ts';
import { seededRandom } from './random.ts';
import type { Random } from './random.ts';

const systems = ['x86_64-linux', 'aarch64-linux'];
const minute = 60_000;

const vices: readonly Vice[] = [
  'none',
  'none',
  'flaps',
  'overstates',
  'vanishes',
  'returns-with-results',
  'repeats-itself',
  'has-a-twin',
  'full-disk',
  'lies',
  'stumbles',
  'stumbles',
  'falls-silent',
];

const fates: readonly Fate[] = ['fails', 'fails', 'times-out', 'exceeds-log-limit'];

/** A seed is a plan; every third is without any trouble, so that one sees what happens on a good day. */
export function makePlan(seed: number): Plan {
  const random = seededRandom(seed, 'plan');
  const isGoodDay = random.below(3) === 0;
  const calmAt = isGoodDay ? 0 : random.pick([0.2, 1, 4]) * random.between(0.5, 1.5) * minute;
  const nodes = letFloat(random.branch('floating'), makeNodes(random));
  const jobsets = [1, 2, 3].map((id) => ({ id, shares: random.pick([1, 50, 100, 1000]) }));
  const builders = makeBuilders(random, isGoodDay);
  const caches = makeCaches(random.branch('caches'), isGoodDay ? 0 : calmAt);
  const deeds = makeDeeds(random, nodes.length, Math.max(calmAt, minute));
  return {
    seed,
    nodes,
    jobsets,
    builders: nodes.some(({ floats }) => floats === true) ? builders.map(modern) : builders,
    deeds,
    troubles: isGoodDay
      ? []
      : [
          ...makeTroubles(random, nodes.length, calmAt),
          ...caches.troubles,
          ...makeStandbys(random.branch('standbys'), deeds, calmAt),
          ...makeOrphans(random.branch('orphans'), calmAt),
        ],
    caches: caches.names,
    settings: makeSettings(random),
    calmAt,
  };
}

function makeNodes(random: Random): NodePlan[] {
  const count = 1 + random.below(random.pick([4, 12, 30, 50]));
  const reach = 1 + random.below(12);
  return Array.from({ length: count }, (_, index) => {
    const nearest = Math.min(index, reach);
    const inputs = new Set<number>();
    const tries = nearest === 0 ? 0 : random.below(4);
    for (let turn = 0; turn < tries; turn += 1) inputs.add(index - 1 - random.below(nearest));
    return {
      inputs: [...inputs],
      system: random.chance(0.05)
        ? 'builtin'
        : random.chance(0.8)
          ? 'x86_64-linux'
          : random.pick(systems),
      features: random.chance(0.1) ? ['kvm'] : [],
      outputs: random.chance(0.2) ? ['out', 'dev'] : ['out'],
      fate: random.chance(0.07) ? random.pick(fates) : 'succeeds',
      milliseconds: random.pick([5, 200, 1_000, 5_000, 20_000]) * random.between(0.5, 1.5),
    };
  });
}

/** In one history of four some derivations have paths that only a build can tell. */
function letFloat(random: Random, nodes: readonly NodePlan[]): readonly NodePlan[] {
  if (!random.chance(0.25)) return nodes;
  return nodes.map((node) => (random.chance(0.4) ? { ...node, floats: true } : node));
}

const modern = (builder: BuilderPlan): BuilderPlan => ({
  ...builder,
  features: [...builder.features, 'ca-derivations'],
});

function makeBuilders(random: Random, isGoodDay: boolean): BuilderPlan[] {
  const count = 1 + random.below(4);
  return Array.from({ length: count }, (_, index) => makeBuilder(random, index, isGoodDay));
}

function makeBuilder(random: Random, index: number, isGoodDay: boolean): BuilderPlan {
  const isOurs = random.chance(0.7);
  return {
    hostname: `builder-${index}`,
    systems: random.chance(0.5) ? systems : [random.pick(systems)],
    features: random.chance(0.5) ? ['kvm'] : [],
    slots: 1 + random.below(4),
    slowness: random.chance(0.2) ? random.between(3, 20) : random.between(0.7, 1.3),
    speaks: isOurs ? 'our-dialect' : "hydra's-dialect",
    remembers: isOurs && random.chance(0.7),
    sharesStore: random.chance(0.4),
    joinsAt: random.chance(0.6) ? random.between(0, 500) : random.between(0, 2 * minute),
    vice: isGoodDay ? 'none' : random.pick(vices),
  };
}
