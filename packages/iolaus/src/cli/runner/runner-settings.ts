import { existsSync } from 'node:fs';
import { daemonAddressFromEnvironment } from '@iolaus/nix';
import { readConfiguration } from '../../configuration/configuration.ts';
import type { Logger } from '../../logging/logger.ts';
import { checkCertificates } from '../../protocol/server/runner-server.ts';
import type { ServerTls } from '../../protocol/server/runner-server.ts';
import { runnerConfigurationSchema } from '../../runner/settings/configuration.ts';
import type { RunnerConfiguration } from '../../runner/settings/configuration.ts';
import { changedFixedKeys, describeIdleKeys } from '../../runner/settings/effective-keys.ts';
import { readJoinKey, readTokens } from '../../runner/builders/tokens.ts';
import { checkStores } from '../../runner/uploads/check-stores.ts';
import { failureFields } from '../failure.ts';
import { readCertificates } from './runner-flags.ts';
import type { RunnerFlags } from './runner-flags.ts';

// Hydra's default.
const usualFile = 'config.toml';

/** What the configuration file says, with what the command line says in its place. */
export type RunnerSettings = {
  readonly configuration: RunnerConfiguration;
  readonly tokens: readonly string[] | null;
  readonly tls: ServerTls | null;
  readonly joinKey: string | null;
  readonly emergencyTokens: readonly string[] | null;
};

/**
 * Reads all of it, and what it names, or throws `Fault`: a file that was named has to be there, since it may say who is let
 * in. So nothing is found wrong when half of it counts already.
 */
export function readRunnerSettings(flags: RunnerFlags, logger: Logger): RunnerSettings {
  const file = flags.configFile ?? (existsSync(usualFile) ? usualFile : null);
  if (file === null) logger.warn({ file: usualFile }, 'there is no configuration file');
  const configured =
    file === null
      ? runnerConfigurationSchema.parse({})
      : readConfiguration(file, runnerConfigurationSchema);
  const configuration = {
    ...configured,
    hydraDataDir: flags.dataDirectory ?? configured.hydraDataDir,
    dbUrl: flags.databaseUrl ?? configured.dbUrl,
  };
  const idle = describeIdleKeys(configuration);
  if (idle.length > 0) logger.warn({ keys: idle }, 'these keys are set, but change nothing here');
  checkStores(configuration, daemonAddressFromEnvironment(process.env));
  const tls = flags.certificates === null ? null : readCertificates(flags.certificates);
  if (tls !== null) checkCertificates(tls);
  return {
    configuration,
    tls,
    joinKey: readJoinKey(configuration.joinKeyPath),
    tokens: readTokens('tokenPaths', configuration.tokenPaths),
    emergencyTokens: readTokens('emergencyTokenPaths', configuration.emergencyTokenPaths),
  };
}

/** Reads it anew. What cannot change while the runner runs stays as it was, which is said. */
export function rereadRunnerSettings(
  flags: RunnerFlags,
  before: RunnerSettings,
  logger: Logger,
): RunnerSettings {
  const settings = readRunnerSettings(flags, logger);
  const fixed = changedFixedKeys(before.configuration, settings.configuration);
  if (fixed.length > 0) logger.warn({ keys: fixed }, 'these keys count from the next start on');
  const kept = Object.fromEntries(fixed.map((key) => [key, before.configuration[key]]));
  return { ...settings, configuration: { ...settings.configuration, ...kept } };
}

/** The same for one that has stood by: a file that is wrong by now, which it has to lead without, changes nothing. */
export function refreshRunnerSettings(
  flags: RunnerFlags,
  before: RunnerSettings,
  logger: Logger,
): RunnerSettings {
  try {
    return rereadRunnerSettings(flags, before, logger);
  } catch (error) {
    logger.error(failureFields(error), 'the configuration stays as it was');
    return before;
  }
}
