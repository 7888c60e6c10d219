import type { Builder } from '../builders/builder.ts';
import type { BuildResult } from '../facts.ts';
import type { Step } from '../graph/step.ts';

/** Smaller outputs are moved in no time. */
const heavyBytes = 64 * 2 ** 20;
/** An output that more steps need is on every builder soon. */
const dependentsMax = 200;

/** Remembers with the steps that need it on which host a large result lies. */
export function noteWhereabouts(step: Step, { outputs }: BuildResult, hostname: string): void {
  if (step.dependents.size > dependentsMax) return;
  const bytes = outputs.values().reduce((sum, { narSize }) => sum + narSize, 0);
  if (!(bytes >= heavyBytes)) return;
  for (const dependent of step.dependents) {
    dependent.inputBytes ??= new Map();
    dependent.inputBytes.set(hostname, (dependent.inputBytes.get(hostname) ?? 0) + bytes);
  }
}

/** Bytes that need not be moved if the builder gets the step. */
export function bytesThere({ inputBytes }: Step, { facts }: Builder): number {
  return inputBytes?.get(facts.hostname) ?? 0;
}
