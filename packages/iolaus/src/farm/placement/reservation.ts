import type { Builder } from '../builders/builder.ts';
import { predictCores, predictMemoryBytes } from '../prediction/prediction.ts';
import type { Step } from '../graph/step.ts';

/** Cores that the step will keep busy there: no more than there are, and its slot's part where nobody knows. */
export function neededCores({ facts }: Builder, { history, facts: { wishes } }: Step): number {
  const part = facts.cpuCount / Math.max(facts.slots, 1);
  if (wishes?.size === 'big') return facts.cpuCount;
  const unknown = wishes?.size === 'small' ? Math.min(part, 1) : part;
  return Math.min(predictCores(history) ?? unknown, facts.cpuCount);
}

/** Memory that it will need at most; its slot's part where nobody knows. */
export function neededMemoryBytes(
  { facts }: Builder,
  { history, facts: { wishes } }: Step,
): number {
  const { memoryBytes } = facts;
  if (memoryBytes === undefined) return 0;
  // No builder has more than it has: what asks for more goes alone.
  if (wishes?.memoryBytes !== undefined) return Math.min(wishes.memoryBytes, memoryBytes);
  return predictMemoryBytes(history) ?? memoryBytes / Math.max(facts.slots, 1);
}

/** Beside what it does already the builder has processor and memory enough for the step. */
export function fits(builder: Builder, step: Step): boolean {
  let cores = neededCores(builder, step);
  let memory = neededMemoryBytes(builder, step);
  for (const lease of builder.leases) {
    cores += neededCores(builder, lease.step);
    memory += neededMemoryBytes(builder, lease.step);
  }
  // A hair more than there is comes from parts that do not add up exactly.
  const { cpuCount, memoryBytes = Infinity } = builder.facts;
  return cores <= cpuCount * 1.001 && memory <= memoryBytes * 1.001;
}
