import type { RunnerDoors } from '../runner/doors.ts';

/** A fault that is put into a runner on purpose: what it does to its doors. */
export type Sabotage = (doors: RunnerDoors) => RunnerDoors;

export const noSabotage: Sabotage = (doors) => doors;
