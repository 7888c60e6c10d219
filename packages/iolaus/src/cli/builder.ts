import { readFileSync } from 'node:fs';
import { daemonAddressFromEnvironment } from '@iolaus/nix';
import { startBuilder } from '../builder/builder.ts';
import { builderConfigurationSchema } from '../builder/configuration.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import { Fault } from '../fault/fault.ts';
import { createLogger } from '../logging/logger.ts';
import { parseParameters, refusePositionals } from './command.ts';
import type { Command } from './command.ts';
import { runPart } from './run-part.ts';
import type { RunningPart } from './run-part.ts';

const help = `iolaus builder: builds for a runner, over this machine's Nix daemon

  -g, --gateway-endpoint URL   the runner: http://host:port, https://host:port or unix:///path; several with commas
                               between, where one runner stands by for another (default: http://[::1]:50051)
  -c, --config FILE            TOML; the keys are those of Hydra's builder: maxJobs, systems, supportedFeatures,
                               mandatoryFeatures, speedFactor, pingInterval, buildCores, useSubstitutes, ...
  --authorization-file FILE    holds the token that the runner wants to see
  --hostname NAME              instead of the machine's own name
  --state-dir DIR              where it keeps its name and the logs of running builds: a runner knows it again when it was
                               started again (default: $STATE_DIRECTORY, else nowhere)

The Nix daemon is found as Nix finds it: NIX_REMOTE=unix://PATH, NIX_DAEMON_SOCKET_PATH, NIX_STORE_DIR, NIX_STATE_DIR.
It must trust this user.`;

export const builderCommand: Command = {
  help,
  run: (parameters) => runPart('builder', () => start(parameters)),
};

async function start(parameters: readonly string[]): Promise<RunningPart> {
  const { values, positionals } = parseParameters('builder', parameters, {
    config: { type: 'string', short: 'c' },
    'gateway-endpoint': { type: 'string', short: 'g', default: 'http://[::1]:50051' },
    'authorization-file': { type: 'string' },
    hostname: { type: 'string' },
    'state-dir': { type: 'string' },
  });
  refusePositionals('builder', positionals);
  const endpoint = values['gateway-endpoint'];
  const builder = await startBuilder({
    gatewayEndpoint: endpoint,
    token: readToken(values['authorization-file']),
    tls: null,
    configuration:
      values.config === undefined
        ? builderConfigurationSchema.parse({})
        : readConfiguration(values.config, builderConfigurationSchema),
    daemon: daemonAddressFromEnvironment(process.env),
    environment: process.env,
    logger: createLogger({ program: 'builder', level: 'info' }),
    stateDirectory: values['state-dir'] ?? process.env['STATE_DIRECTORY'] ?? null,
    ...(values.hostname === undefined ? {} : { hostname: values.hostname }),
  });
  return {
    address: `building for ${endpoint}`,
    ended: builder.ended,
    [Symbol.asyncDispose]: () => builder[Symbol.asyncDispose](),
  };
}

function readToken(file: string | undefined): string | null {
  if (file === undefined) return null;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new Fault('no-such-file', `the token file ${file} cannot be read`, {
      remedy: 'Name the file that holds the token with --authorization-file.',
      cause,
    });
  }
}
