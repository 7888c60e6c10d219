import { quiet } from './agenda.ts';
import { People } from './people.ts';
import type { Plan } from './plan.ts';
import { noSabotage } from './sabotage/sabotage.ts';
import type { Sabotage } from './sabotage/sabotage.ts';
import { scheduleTroubles } from './troubles.ts';
import { World } from './world.ts';

/** What became of a plan. */
export type History = {
  readonly breaches: readonly string[];
  /** A line an event, in the order of time. */
  readonly lines: readonly string[];
  readonly hash: string;
  /** How often what happened. */
  readonly counts: ReadonlyMap<string, number>;
  /** How each build ended, by Hydra's numbers; null where it has not. */
  readonly statuses: ReadonlyMap<number, number | null>;
  /** How often the runner touched the world. */
  readonly effects: number;
  /** How much happened in all. */
  readonly events: number;
};

// After the calm each step is tried so often at most, with back-offs of an hour at most in between.
const patienceMilliseconds = 6 * 3_600_000;
// Long before that something goes round in circles.
const eventsMax = 300_000;
// When all is over, what is still under way may end, and rows that nobody works on are looked for once more.
const afterglowMilliseconds = 200_000;

/** Plays a plan from its beginning until all builds have ended. Stops at the first promise that is broken. */
export async function play(plan: Plan, sabotage: Sabotage = noSabotage): Promise<History> {
  const world = new World(plan, sabotage);
  const { agenda, watch, tale } = world;
  // What goes wrong at the very beginning is there before the runner is.
  scheduleTroubles(world);
  agenda.after(0, () => world.seat.start());
  for (const builder of world.builders) builder.start();
  const people = new People(world);
  people.start();

  const lastDeed = Math.max(plan.calmAt, ...plan.deeds.map(({ at }) => at));
  const isOver = (): boolean => agenda.now > lastDeed && people.isDone && watch.isAllOver;
  await proceed(world, agenda.now + lastDeed + patienceMilliseconds, isOver);
  if (watch.breaches.length === 0) {
    await proceed(world, agenda.now + afterglowMilliseconds, () => false);
  }
  if (watch.breaches.length === 0) watch.lookBack();
  world.seat.leave();
  const { lines, hash, counts } = tale;
  const builds = [...world.server.tables.builds.committed()];
  return {
    breaches: watch.breaches,
    lines,
    hash,
    counts,
    statuses: new Map(builds.map(({ id, status }) => [id, status])),
    effects: world.seat.effects,
    events: agenda.entered,
  };
}

async function proceed(world: World, until: number, isOver: () => boolean): Promise<void> {
  const { agenda, watch } = world;
  while (watch.breaches.length === 0 && !isOver() && agenda.step(until)) {
    await quiet();
    watch.lookAround();
    if (agenda.entered > eventsMax) watch.complain('it goes round in circles');
  }
}
