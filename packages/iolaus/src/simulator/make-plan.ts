import { capacityRules, machineOrders } from '../farm/placement/policy.ts';
import { selectionNames } from '../farm/selection/policy.ts';
import type {
  BuilderPlan,
  Deed,
  Fate,
  NodePlan,
  Plan,
  SettingsPlan,
  Trouble,
  Vice,
} from './plan.ts';
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

const holds = ['paused', 'draining', null] as const;

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

function makeDeeds(random: Random, nodes: number, until: number): Deed[] {
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
        ...{ type: 'emergency', at, build },
        ...{ isWhole: random.chance(0.5), preempts: random.chance(0.7) },
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

function makeTroubles(random: Random, nodes: number, until: number): Trouble[] {
  const count = random.below(8);
  const troubles = Array.from({ length: count }, () =>
    makeTrouble(random, nodes, random.between(0, until)),
  );
  return troubles.toSorted((one, other) => one.at - other.at);
}

/** On every second bad day runners stand by, one after the other; some take over when something was just queued. */
function makeStandbys(random: Random, deeds: readonly Deed[], until: number): Trouble[] {
  const count = random.pick([0, 0, 1, 3]);
  const starts = Array.from({ length: count }, (): Trouble => {
    return { type: 'standby-started', at: random.between(0, until) };
  });
  const queued = deeds.filter(({ type, at }) => type === 'evaluate' && at < until);
  if (count === 0 || queued.length === 0) return starts;
  const { at } = random.pick(queued);
  return [
    ...starts,
    { type: 'standby-started', at: Math.max(0, at - random.between(0, 2_000)) },
    { type: 'runner-killed', at: at + random.between(0, 1_000), backAfter: 1_000 },
  ];
}

/** Every second farm publishes what it builds, and every second cache is away for some time. */
function makeCaches(
  random: Random,
  until: number,
): { readonly names: readonly string[]; readonly troubles: readonly Trouble[] } {
  const names = random.pick([[], [], ['cache'], ['cache', 'mirror']]);
  if (names.length === 0 || until === 0 || random.chance(0.5)) return { names, troubles: [] };
  const [at, share] = [random.between(0, until), random.pick([0.3, 1])];
  return {
    names,
    troubles: [{ type: 'caches-away', at, for: random.between(100, 100_000), share }],
  };
}

function makeTrouble(random: Random, nodes: number, at: number): Trouble {
  const seconds = (least: number, most: number): number => 1_000 * random.between(least, most);
  switch (random.below(23)) {
    case 15:
    case 19:
      return { type: 'runner-usurped', at, noticedAfter: seconds(0, 6) };
    case 13:
    case 14:
      return { type: 'commit-cut', at, isDone: random.chance(0.7) };
    case 0:
      return { type: 'runner-restarted', at };
    case 10:
      return { type: 'answers-lost', at, for: seconds(1, 30) };
    case 11:
    case 12:
      return {
        type: 'runner-killed-soon',
        at,
        effects: 1 + random.below(60),
        backAfter: seconds(0.05, 5),
      };
    case 17:
    case 18:
      return { type: 'runner-killed-at-retry', at, backAfter: seconds(0.05, 5) };
    case 1:
      return { type: 'database-cut', at };
    case 2:
      return { type: 'database-stopped', at, backAfter: seconds(0.1, 100) };
    case 3:
      return { type: 'database-slow', at, for: seconds(1, 30) };
    case 4:
      return { type: 'statement-fails', at, ...makeMishap(random) };
    case 5:
      return { type: 'tunnels-cut', at };
    case 6:
    case 20:
    case 21:
      return { type: 'store-away', at, for: seconds(0.1, 60), share: random.pick([0.3, 0.3, 1]) };
    case 7:
      return { type: 'store-slow', at, for: seconds(1, 60) };
    case 8:
      return { type: 'garbage-collected', at, node: random.below(nodes) };
    case 9:
      return { type: 'clock-set', at, byMilliseconds: seconds(-600, 600) };
    default:
      return { type: 'runner-killed', at, backAfter: seconds(0.05, 20) };
  }
}

function makeMishap(random: Random): { code: string; times: number } {
  // Serialisation failure, deadlock, statement cancelled for its time, disk full, too many connections.
  const code = random.pick(['40001', '40P01', '57014', '53100', '53300']);
  return { code, times: 1 + random.below(3) };
}

function makeSettings(random: Random): SettingsPlan {
  return {
    stepSortFn: random.pick(selectionNames),
    machineSortFn: random.pick(machineOrders),
    machineFreeFn: random.pick(capacityRules),
    maxTries: 1 + random.below(5),
    retryIntervalSeconds: random.pick([0, 1, 5, 60, 60]),
    retryBackoff: random.pick([1, 2, 3]),
    maxUnsupportedSeconds: random.pick([0, 120, 600]),
    failedPathsTtlSeconds: random.pick([0, 30, 3_600]),
  };
}
