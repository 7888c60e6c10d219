import { join } from 'node:path';
import type { RunnerConfiguration } from './configuration.ts';

/** Where the logs lie, below `hydraDataDir`. */
export function logDirectoryOf({ hydraDataDir }: RunnerConfiguration): string {
  return join(hydraDataDir, 'build-logs');
}

/** Where resolved derivations are held, below `hydraDataDir`. */
export function resolvedDirectoryOf({ hydraDataDir }: RunnerConfiguration): string {
  return join(hydraDataDir, 'resolved-derivations');
}
