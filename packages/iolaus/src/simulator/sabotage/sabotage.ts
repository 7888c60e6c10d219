import type { DerivationPath } from '@iolaus/nix';
import type { Database } from '../../database/connection/connection.ts';
import type { RunnerDoors } from '../../runner/doors.ts';
import type { Publish } from '../caches.ts';
import type { Random } from '../random.ts';
import type { Server } from '../database/server.ts';

/** A fault that is put into a runner on purpose, to see whether it is found. */
export type Sabotage = {
  /** What it does to the doors of each life of the runner. */
  readonly doors?: (doors: RunnerDoors, scene: SabotageScene) => RunnerDoors;
  /** What it does to the database of one that stands by. */
  readonly standby?: (database: Database) => Database;
  /** What it does to uploads. */
  readonly publish?: (publish: Publish) => Publish;
  /** What it does to the database. */
  readonly server?: (server: Server) => void;
};

export type SabotageScene = {
  readonly random: Random;
  /** Counts from 1. */
  readonly life: number;
  /** The derivations that it had read when it took over; null where it did not stand by. */
  readonly readBefore: ReadonlySet<DerivationPath> | null;
};

export const noSabotage: Sabotage = {};
