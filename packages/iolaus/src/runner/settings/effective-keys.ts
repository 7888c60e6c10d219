import { runnerConfigurationSchema } from './configuration.ts';
import type { RunnerConfiguration } from './configuration.ts';

type Key = keyof RunnerConfiguration;

/** Keys whose change counts from the next start on. */
export const fixedKeys: readonly Key[] = ['hydraDataDir', 'dbUrl', 'maxDbConnections'];

/** Keys of Hydra's that are understood and checked, but change nothing here, each with the reason. */
const idleKeys: Partial<Record<Key, string>> = {
  dispatchTriggerTimerInS: 'every change is acted upon at once, so that there is no timer',
  stopQueueRunAfterInS:
    'the queue is read in small portions, so that there is nothing to cut short',
  enableFodChecker: "Hydra's runner notes fixed outputs with it, and does nothing with them",
};

/** What somebody has set to no effect: `key: reason`. Values that are the defaults ask for nothing. */
export function describeIdleKeys(configuration: RunnerConfiguration): readonly string[] {
  const defaults = runnerConfigurationSchema.parse({});
  return Object.entries(idleKeys)
    .filter(([key]) => isKey(key) && differs(configuration[key], defaults[key]))
    .map(([key, reason]) => `${key}: ${reason}`);
}

/** Keys that differ, but count from the next start on only. */
export function changedFixedKeys(one: RunnerConfiguration, other: RunnerConfiguration): Key[] {
  return fixedKeys.filter((key) => differs(one[key], other[key]));
}

const isKey = (key: string): key is Key => key in idleKeys;

const differs = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) !== JSON.stringify(other);
