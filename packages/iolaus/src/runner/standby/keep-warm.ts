import type { DaemonAddress } from '@iolaus/nix';
import { systemClock } from '../../clock/system-clock.ts';
import type { Database } from '../../database/connection/connection.ts';
import type { Logger } from '../../logging/logger.ts';
import { resolvedDirectoryOf } from '../settings/directories.ts';
import type { RunnerConfiguration } from '../settings/configuration.ts';
import { standBy } from './stand-by.ts';
import type { Standby } from './stand-by.ts';
import { openRunnerStore } from '../store/runner-store.ts';

/** Stands by, with connections of its own to the store. */
export function keepWarm(options: {
  readonly configuration: RunnerConfiguration;
  readonly database: Database;
  readonly daemon: DaemonAddress;
  readonly logger: Logger;
}): Standby {
  const { configuration, database, daemon, logger } = options;
  const store = openRunnerStore(daemon, resolvedDirectoryOf(configuration));
  const standing = standBy({ database, store, clock: systemClock, logger });
  return {
    kept: standing.kept,
    async [Symbol.asyncDispose]() {
      await standing[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}
