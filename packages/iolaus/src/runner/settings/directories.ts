import { join } from 'node:path';
import type { RunnerConfiguration } from './configuration.ts';

// Below `hydraDataDir` Hydra's units let a runner write to these two only.

/** Where the logs lie. */
export function logDirectoryOf({ hydraDataDir }: RunnerConfiguration): string {
  return join(hydraDataDir, 'build-logs');
}

/** What is the runner's own: its lock, and what the next one has to find. */
export function stateDirectoryOf({ hydraDataDir }: RunnerConfiguration): string {
  return join(hydraDataDir, 'queue-runner');
}

/** Where resolved derivations are held. */
export function resolvedDirectoryOf(configuration: RunnerConfiguration): string {
  return join(stateDirectoryOf(configuration), 'resolved-derivations');
}
