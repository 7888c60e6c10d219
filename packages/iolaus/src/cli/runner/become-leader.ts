import { join } from 'node:path';
import type { DaemonAddress } from '@iolaus/nix';
import type { Database } from '../../database/connection/connection.ts';
import type { Lead } from '../../database/lead.ts';
import type { Logger } from '../../logging/logger.ts';
import type { KeptFacts } from '../../runner/store/derivations.ts';
import type { RunnerConfiguration } from '../../runner/settings/configuration.ts';
import { stateDirectoryOf } from '../../runner/settings/directories.ts';
import { keepWarm } from '../../runner/standby/keep-warm.ts';
import type { Standby } from '../../runner/standby/stand-by.ts';
import { takeInstanceLock } from '../../supervision/instance-lock.ts';
import type { PartVoice } from '../up/run-part.ts';
import { lookForLead } from './look-for-lead.ts';
import type { RunnerFlags } from './runner-flags.ts';
import { whileWaiting } from './while-waiting.ts';

// The one that led, or was told to stop, is gone by then.
const successionSeconds = 10;

/**
 * Resolves when this runner leads and has the lock of its data folder, both until `resources` end: with what it read of the
 * queue while it stood by.
 */
export async function becomeLeader(
  options: {
    readonly flags: Pick<RunnerFlags, 'standsBy' | 'followsQueue'>;
    readonly configuration: RunnerConfiguration;
    readonly database: Database;
    readonly daemon: DaemonAddress;
    readonly voice: PartVoice;
    readonly logger: Logger;
  },
  resources: AsyncDisposableStack,
): Promise<{ readonly lead: Lead; readonly kept: KeptFacts }> {
  const { flags, configuration, database, daemon, voice, logger } = options;
  let standby: Standby | undefined;
  const beginStandby = (): void => {
    voice.standsBy();
    if (flags.followsQueue) standby = keepWarm({ configuration, database, daemon, logger });
  };
  const lead = resources.use(
    await lookForLead(configuration.dbUrl, flags.standsBy ? beginStandby : null),
  );
  // Who leads waits for no question that it asked before.
  const cooling = standby?.[Symbol.asyncDispose]();
  resources.defer(() => cooling);
  // Who stands by may share the folder with the one that leads.
  if (flags.standsBy) resources.use(await lockFolder(configuration, logger));
  return { lead, kept: standby?.kept ?? new Map() };
}

/** The one that Hydra's runner takes, too: that one does not wait for it. */
export function lockFolder(
  configuration: RunnerConfiguration,
  logger: Logger,
): Promise<Disposable> {
  return whileWaiting(() =>
    takeInstanceLock(join(stateDirectoryOf(configuration), 'lock'), {
      waitSeconds: successionSeconds,
      warn: (sentence) => logger.warn({}, sentence),
    }),
  );
}
