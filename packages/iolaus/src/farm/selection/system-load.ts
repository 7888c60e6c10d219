import type { FarmState } from '../farm-state.ts';
import { servesSystem } from '../graph/requirement.ts';

/** What there is to do for one system, and who could do it. */
export type SystemLoad = {
  readonly system: string;
  /** Predicted build time of all its unfinished steps, in seconds on machines of speed 1. */
  seconds: number;
  /** What the slots of its builders do in a second; undefined: to be counted again. */
  speed: number | undefined;
};

export function loadOf(farm: FarmState, system: string): SystemLoad {
  let load = farm.loads.get(system);
  if (load === undefined) {
    load = { system, seconds: 0, speed: undefined };
    farm.loads.set(system, load);
  }
  return load;
}

/** A builder came or went. */
export function recountSpeed(farm: FarmState): void {
  for (const load of farm.loads.values()) load.speed = undefined;
}

/** Slots that serve the system, each by its machine's speed. */
export function speedOf(farm: FarmState, load: SystemLoad): number {
  if (load.speed === undefined) {
    load.speed = 0;
    for (const { facts } of farm.builders.values()) {
      const { slots, speedFactor } = facts;
      if (servesSystem(facts, load.system)) load.speed += slots * Math.max(speedFactor, 0);
    }
  }
  return load.speed;
}

/** How long all of the system's machines together need for all of its steps; Infinity where there are none. */
export function secondsLeft(farm: FarmState, load: SystemLoad): number {
  const speed = speedOf(farm, load);
  return speed > 0 ? load.seconds / speed : Infinity;
}
