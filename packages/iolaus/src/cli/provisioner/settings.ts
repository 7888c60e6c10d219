import { readConfiguration } from '../../configuration/configuration.ts';
import { readSecretFile } from '../../configuration/secret.ts';
import { Fault } from '../../fault/fault.ts';
import { openRunnerDoor } from '../../provisioner/ask-runner.ts';
import type { RunnerDoor } from '../../provisioner/ask-runner.ts';
import { provisionerSchema } from '../../provisioner/configuration.ts';
import type { ProvisionerConfiguration } from '../../provisioner/configuration.ts';
import { refuseContradictions } from '../../provisioner/contradictions.ts';
import type { Driver } from '../../provisioner/drivers/driver.ts';
import { openDriver } from '../../provisioner/drivers/open-driver.ts';

/** A configuration with what it names opened. */
export type OpenSettings = AsyncDisposable & {
  readonly configuration: ProvisionerConfiguration;
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly runner: RunnerDoor;
  /** Signs join tokens; null: machines get none. */
  readonly joinKey: string | null;
};

/** Reads the file and all that it names. Throws `Fault`. */
export async function openSettings(file: string | undefined): Promise<OpenSettings> {
  if (file === undefined) {
    throw new Fault('bad-usage', 'iolaus provisioner does not know its configuration', {
      remedy: 'Name the file with --config.',
    });
  }
  const configuration = readConfiguration(file, provisionerSchema);
  refuseContradictions(file, configuration);
  const { runnerTokenFile, join, owner } = configuration;
  const token = readSecret(runnerTokenFile, 'runnerTokenFile');
  const joinKey = readSecret(join.keyFile, 'join.keyFile');
  await using opening = new AsyncDisposableStack();
  const drivers = new Map<string, Driver>();
  for (const [name, settings] of Object.entries(configuration.drivers)) {
    const driver = await openDriver(settings, { owner, now: () => Date.now() });
    drivers.set(name, opening.use(driver));
  }
  const opened = opening.move();
  return {
    configuration,
    drivers,
    joinKey,
    runner: openRunnerDoor(configuration.runner, token),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function readSecret(file: string | undefined, key: string): string | null {
  if (file === undefined) return null;
  return readSecretFile(file, 'the file', `${key} should name a file that this user may read.`);
}
