import { existsSync } from 'node:fs';
import { daemonAddressFromEnvironment } from '@iolaus/nix';
import { startBuilder } from '../builder/builder.ts';
import { builderConfigurationSchema } from '../builder/configuration.ts';
import type { BuilderConfiguration } from '../builder/configuration.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import { readSecretFile } from '../configuration/secret.ts';
import { Fault } from '../fault/fault.ts';
import { createLogger } from '../logging/logger.ts';
import type { ClientTls } from '../protocol/client.ts';
import { parseParameters, refusePositionals } from './command.ts';
import type { Command } from './command.ts';
import { exitWhenIdle, parseIdleTime } from './exit-when-idle.ts';
import type { IdleExit } from './exit-when-idle.ts';
import { logLevel } from './log-level.ts';
import { runPart } from './run-part.ts';
import type { RunningPart, TellStatus } from './run-part.ts';

const help = `iolaus builder: builds for a runner, over this machine's Nix daemon

  -g, --gateway-endpoint URL   the runner: http://host:port, https://host:port or unix:///path; several with commas
                               between, where one runner stands by for another (default: http://[::1]:50051)
  -c, --config-path FILE       TOML; the keys are those of Hydra's builder: maxJobs, systems, supportedFeatures,
                               mandatoryFeatures, speedFactor, pingInterval, buildCores, useSubstitutes, ...
                               (default: config.toml, if there is one)
  --authorization-file FILE    holds the token that the runner wants to see
  --server-root-ca-cert-path FILE, --client-cert-path FILE, --client-key-path FILE, --domain-name NAME
                               PEM: whom to trust, and what to show to a runner that wants certificates; the name that
                               its own has to bear (all four or none, with an https:// endpoint)
  --hostname NAME              instead of the machine's own name
  --state-dir DIR              where it keeps its name and the logs of running builds: a runner knows it again when it was
                               started again (default: $STATE_DIRECTORY, else nowhere)
  --exit-when-idle TIME        when there was nothing to do for so long (15m), it ends
  --exit-hook COMMAND          and then runs this with /bin/sh: 'systemctl poweroff'

The Nix daemon is found as Nix finds it: NIX_REMOTE=unix://PATH, NIX_DAEMON_SOCKET_PATH, NIX_STORE_DIR, NIX_STATE_DIR.
It must trust this user. SIGTERM and SIGINT stop it with all its builds; SIGUSR2 lets it finish what it has and then end.
 RUST_LOG or IOLAUS_LOG sets how much is logged: debug, info (the default), warn or error.`;

export const builderCommand: Command = {
  help,
  run: (parameters) => runPart('builder', (tell) => start(parameters, tell)),
};

async function start(parameters: readonly string[], tell: TellStatus): Promise<RunningPart> {
  const flags = parseFlags(parameters);
  const endpoint = flags['gateway-endpoint'];
  const idleTime = parseIdleTime(flags['exit-when-idle']);
  const logger = createLogger({ program: 'builder', level: logLevel(process.env) });
  let idle: IdleExit | undefined;
  const builder = await startBuilder({
    gatewayEndpoint: endpoint,
    token: readToken(flags['authorization-file']),
    tls: readTls(flags),
    configuration: readSettings(flags['config-path'] ?? flags.config),
    daemon: daemonAddressFromEnvironment(process.env),
    environment: process.env,
    logger,
    stateDirectory: flags['state-dir'] ?? process.env['STATE_DIRECTORY'] ?? null,
    onWork: (derivations) => {
      tell(describeWork(derivations));
      idle?.note(derivations.length);
    },
    ...(flags.hostname === undefined ? {} : { hostname: flags.hostname }),
  });
  const drain = (): void => builder.drain();
  if (idleTime !== null) {
    idle = exitWhenIdle(idleTime, { drain, hook: flags['exit-hook'], logger });
    idle.note(builder.held);
  }
  return {
    address: `building for ${endpoint}`,
    ended: builder.ended.then(() => idle?.afterwards()),
    drain,
    async [Symbol.asyncDispose]() {
      idle?.[Symbol.dispose]();
      await builder[Symbol.asyncDispose]();
    },
  };
}

// A line that a person reads.
const namesMax = 20;

/** In the words of Hydra's builder. */
function describeWork(derivations: readonly string[]): string {
  const names = derivations.slice(0, namesMax);
  const rest = derivations.length > namesMax ? ', …' : '';
  const list = derivations.length === 0 ? '' : `: ${names.join(', ')}${rest}`;
  return `Building ${derivations.length} drvs${list}`;
}

function parseFlags(parameters: readonly string[]) {
  const { values, positionals } = parseParameters('builder', parameters, {
    'config-path': { type: 'string', short: 'c' },
    config: { type: 'string' },
    'gateway-endpoint': { type: 'string', short: 'g', default: 'http://[::1]:50051' },
    'authorization-file': { type: 'string' },
    'server-root-ca-cert-path': { type: 'string' },
    'client-cert-path': { type: 'string' },
    'client-key-path': { type: 'string' },
    'domain-name': { type: 'string' },
    hostname: { type: 'string' },
    'state-dir': { type: 'string' },
    'exit-when-idle': { type: 'string' },
    'exit-hook': { type: 'string' },
  });
  refusePositionals('builder', positionals);
  return values;
}

// Hydra's default.
const usualFile = 'config.toml';

function readSettings(named: string | undefined): BuilderConfiguration {
  const file = named ?? (existsSync(usualFile) ? usualFile : undefined);
  return file === undefined
    ? builderConfigurationSchema.parse({})
    : readConfiguration(file, builderConfigurationSchema);
}

function readToken(file: string | undefined): string | null {
  if (file === undefined) return null;
  const remedy = 'Name the file that holds the token with --authorization-file.';
  return readSecretFile(file, 'the token file', remedy);
}

function readTls(flags: ReturnType<typeof parseFlags>): ClientTls | null {
  const authority = flags['server-root-ca-cert-path'];
  const certificate = flags['client-cert-path'];
  const key = flags['client-key-path'];
  const domainName = flags['domain-name'];
  const given = [authority, certificate, key, domainName];
  if (given.every((value) => value === undefined)) return null;
  if (
    authority === undefined ||
    certificate === undefined ||
    key === undefined ||
    domainName === undefined
  ) {
    throw new Fault('bad-usage', 'the certificates for the runner are not complete', {
      remedy:
        'Give all four, or none: --server-root-ca-cert-path, --client-cert-path, --client-key-path and --domain-name.',
    });
  }
  return {
    authority: readPem(authority, '--server-root-ca-cert-path'),
    certificate: readPem(certificate, '--client-cert-path'),
    key: readPem(key, '--client-key-path'),
    domainName,
  };
}

const readPem = (file: string, flag: string): string =>
  readSecretFile(file, 'the file', `${flag} should name a PEM file that this user may read.`);
