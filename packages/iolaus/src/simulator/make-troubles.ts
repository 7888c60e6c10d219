import type { Deed, Trouble } from './plan.ts';
import type { Random } from './random.ts';

/** What goes wrong until a time, in order. */
export function makeTroubles(random: Random, nodes: number, until: number): Trouble[] {
  const count = random.below(8);
  const troubles = Array.from({ length: count }, () =>
    makeTrouble(random, nodes, random.between(0, until)),
  );
  return troubles.toSorted((one, other) => one.at - other.at);
}

/** On every second bad day runners stand by, one after the other; some take over when something was just queued. */
export function makeStandbys(random: Random, deeds: readonly Deed[], until: number): Trouble[] {
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

/** Every fourth database is shared with a program that leaves a row or two busy. */
export function makeOrphans(random: Random, until: number): Trouble[] {
  const count = random.pick([0, 0, 0, 2]);
  return Array.from({ length: count }, (): Trouble => {
    return { type: 'step-orphaned', at: random.between(0, until), build: random.below(50) };
  });
}

/** Every second farm publishes what it builds, and every second cache is away for some time. */
export function makeCaches(
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
