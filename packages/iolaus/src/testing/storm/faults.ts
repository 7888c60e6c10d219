import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../made-up-graph.ts';
import type { LiveFarm } from '../live-farm.ts';
import { leaderOf } from './storm-farm.ts';
import type { StormBuilder, StormFarm } from './storm-farm.ts';

/** Something that goes wrong in a farm; resolves when it is over. */
export type Fault = (storm: StormFarm, random: Random) => Promise<unknown>;

// Longer than who stands by waits for a leader that says nothing.
const standstillMilliseconds = 12_000;
// Between two kills a runner may have begun, or not yet.
const loopMilliseconds = 1_000;

export function choose<Item>(items: readonly Item[], random: Random): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('there is nothing to choose from');
  return item;
}

const chosenBuilder = ({ builders }: StormFarm, random: Random): StormBuilder =>
  choose(builders, random);

export const runnerFaults: Readonly<Record<string, Fault>> = {
  'the leader is killed': async (storm) => (await leaderOf(storm)).end('SIGKILL'),
  'the leader is told to end': async (storm) => (await leaderOf(storm)).end('SIGTERM'),
  'the leader stands still': async (storm) => {
    const { current } = await leaderOf(storm);
    current.signal('SIGSTOP');
    await sleep(standstillMilliseconds);
    current.signal('SIGCONT');
  },
  'both runners are killed again and again': async ({ runners }) => {
    for (let time = 0; time < 3; time += 1) {
      await Promise.all(runners.map((runner) => runner.end('SIGKILL')));
      await sleep(loopMilliseconds);
    }
  },
};

export const connectionFaults: Readonly<Record<string, Fault>> = {
  'every tunnel breaks': async ({ builders }) => {
    for (const { wires } of builders) for (const wire of wires) wire.cut();
  },
  'a tunnel breaks': async (storm, random) => {
    for (const wire of chosenBuilder(storm, random).wires) wire.cut();
  },
  'a connection is half open': async (storm, random) => {
    const direction = choose(['there', 'back'] as const, random);
    for (const wire of chosenBuilder(storm, random).wires) wire.block(direction);
  },
  'the database ends its connections': ({ farm }) =>
    farm.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    ),
  'the database is restarted': ({ farm }) => restartServer(farm),
};

export const builderFaults: Readonly<Record<string, Fault>> = {
  'a builder is killed': (storm, random) => chosenBuilder(storm, random).part.end('SIGKILL'),
  'a builder is told to end': (storm, random) => chosenBuilder(storm, random).part.end('SIGTERM'),
};

async function restartServer({ database }: LiveFarm): Promise<void> {
  const [row] = await database.query<{ directory: string }>(
    "select current_setting('data_directory') as directory",
  );
  const lines = await readFile(join(row?.directory ?? '', 'postmaster.pid'), 'utf8');
  process.kill(Number.parseInt(lines, 10), 'SIGINT');
}
