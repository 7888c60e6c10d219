import type { Builder } from '../builders/builder.ts';
import { stepsAhead } from '../builders/steps-ahead.ts';
import { isChoked, isPressed } from './pressure.ts';
import { neededCores, neededMemoryBytes } from './reservation.ts';

/** It has a free slot, or takes steps ahead now. */
export function hasSlot(builder: Builder): boolean {
  const { leases, unmet, facts } = builder;
  return leases.size + unmet < facts.slots + stepsAhead(builder);
}

/** Hydra's dynamic test: memory and disks are asked only where the kernel tells of the processor. */
export function hasDynamicRoom(builder: Builder): boolean {
  const knowsPressure = typeof builder.health?.cpuPressure === 'number';
  return !isPressed(builder) && !(knowsPressure && isChoked(builder));
}

/**
 * A free slot, and what its steps are expected to need leaves some of its processors and memory: what was given out counts
 * at once, while load and pressure show it only later. A machine with nothing to do takes a step whatever it needs.
 */
export function hasPredictedRoom(builder: Builder): boolean {
  const { leases, facts } = builder;
  if (!hasSlot(builder)) return false;
  if (leases.size === 0 || leases.size >= facts.slots) return true;
  if (isChoked(builder)) return false;
  let cores = 0;
  let memory = 0;
  for (const { step } of leases) {
    cores += neededCores(builder, step);
    memory += neededMemoryBytes(builder, step);
  }
  return cores < facts.cpuCount && memory < (facts.memoryBytes ?? Infinity);
}
