import type { Builder } from '../builders/builder.ts';

/** What Hydra's builders say where nobody set anything: percent of time stalled, and the load of a minute. */
const cpuThresholdDefault = 75;
const memoryThresholdDefault = 80;
const load1ThresholdDefault = 8;

/** Its processor has more to do than it should: steps take longer there, but they go on. */
export function isPressed({ health, facts }: Builder): boolean {
  if (health === undefined) return false;
  const { cpuPressure, load1 } = health;
  // Where the kernel tells the pressure, the load tells nothing more.
  return typeof cpuPressure === 'number'
    ? cpuPressure > (facts.cpuPressureThreshold ?? cpuThresholdDefault)
    : (load1 ?? 0) > (facts.load1Threshold ?? load1ThresholdDefault);
}

/** Everything on it waits for memory, or for its disks where it minds: another step may bring it to a stop. */
export function isChoked({ health, facts }: Builder): boolean {
  if (typeof health?.memoryPressure === 'number') {
    const threshold = facts.memoryPressureThreshold ?? memoryThresholdDefault;
    if (health.memoryPressure > threshold) return true;
  }
  const ioThreshold = facts.ioPressureThreshold ?? Infinity;
  return typeof health?.ioPressure === 'number' && health.ioPressure > ioThreshold;
}
