import type { RunnerDoors } from '../../runner/doors.ts';
import type { Publish } from '../caches.ts';
import type { Random } from '../random.ts';
import type { Server } from '../database/server.ts';

/** A fault that is put into a runner on purpose, to see whether it is found. */
export type Sabotage = {
  /** What it does to the doors of each life of the runner. `life` counts from 1. */
  readonly doors?: (
    doors: RunnerDoors,
    scene: { readonly random: Random; readonly life: number },
  ) => RunnerDoors;
  /** What it does to uploads. */
  readonly publish?: (publish: Publish) => Publish;
  /** What it does to the database. */
  readonly server?: (server: Server) => void;
};

export const noSabotage: Sabotage = {};
