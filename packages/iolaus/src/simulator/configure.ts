import { runnerConfigurationSchema } from '../runner/settings/configuration.ts';
import type { RunnerConfiguration } from '../runner/settings/configuration.ts';
import type { SettingsPlan } from './plan.ts';

/** Hydra's configuration with these settings. */
export function configure(settings: SettingsPlan): RunnerConfiguration {
  return runnerConfigurationSchema.parse({
    hydraDataDir: '/made-up',
    stepSortFn: settings.stepSortFn,
    machineSortFn: settings.machineSortFn,
    machineFreeFn: settings.machineFreeFn,
    maxRetries: settings.maxTries,
    retryInterval: settings.retryIntervalSeconds,
    retryBackoff: settings.retryBackoff,
    maxUnsupportedTimeInS: settings.maxUnsupportedSeconds,
    failedPathsTtlInS: settings.failedPathsTtlSeconds,
  });
}
