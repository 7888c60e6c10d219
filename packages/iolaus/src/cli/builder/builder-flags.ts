import { Fault } from '../../fault/fault.ts';
import { readSecretFile, readTokenFile } from '../../configuration/secret.ts';
import type { ClientTls } from '../../protocol/client/runner-client.ts';
import { parseParameters, refusePositionals } from '../command.ts';
import { parseIdleTime } from './exit-when-idle.ts';

export const builderHelp = `iolaus builder: builds for a runner, over this machine's Nix daemon

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
  --interruption-notice ec2|COMMAND
                               asks Amazon's instance metadata service every five seconds whether the machine is taken back,
                               or runs the command, which ends with 0 when it is: then the builder drains, and hands back
                               what is not done in time

The Nix daemon is found as Nix finds it: NIX_REMOTE=unix://PATH, NIX_DAEMON_SOCKET_PATH, NIX_STORE_DIR, NIX_STATE_DIR.
It must trust this user. SIGTERM and SIGINT stop it with all its builds; SIGUSR2 lets it finish what it has and then end.
RUST_LOG or IOLAUS_LOG sets how much is logged: debug, info (the default), warn or error.`;

export type BuilderFlags = {
  /** One or several, with commas between. */
  readonly gatewayEndpoint: string;
  /** Null: `config.toml`, where there is one. */
  readonly configFile: string | null;
  readonly token: string | null;
  readonly tls: ClientTls | null;
  /** Null: the machine's own name. */
  readonly hostname: string | null;
  readonly stateDirectory: string | null;
  readonly idleTime: ReturnType<typeof parseIdleTime>;
  readonly exitHook: string | undefined;
  /** `ec2`, or a command. */
  readonly interruptionNotice: string | undefined;
};

/** What the command line says, secrets included. Throws `Fault`. */
export function parseBuilderFlags(
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv,
): BuilderFlags {
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
    'interruption-notice': { type: 'string' },
  });
  refusePositionals('builder', positionals);
  return {
    gatewayEndpoint: values['gateway-endpoint'],
    configFile: values['config-path'] ?? values.config ?? null,
    token: readToken(values['authorization-file']),
    tls: readTls({
      authority: values['server-root-ca-cert-path'],
      certificate: values['client-cert-path'],
      key: values['client-key-path'],
      domainName: values['domain-name'],
    }),
    hostname: refuseEmpty('--hostname', values.hostname) ?? null,
    stateDirectory:
      refuseEmpty('--state-dir', values['state-dir']) ?? (environment['STATE_DIRECTORY'] || null),
    idleTime: parseIdleTime(values['exit-when-idle']),
    exitHook: values['exit-hook'],
    interruptionNotice: values['interruption-notice'],
  };
}

function refuseEmpty(flag: string, value: string | undefined): string | undefined {
  if (value !== '') return value;
  throw new Fault('bad-usage', `${flag} is empty`, {
    remedy: 'Say what is meant, or leave it out.',
  });
}

function readToken(file: string | undefined): string | null {
  if (file === undefined) return null;
  const remedy = 'Name the file that holds the token with --authorization-file.';
  return readTokenFile(file, remedy);
}

function readTls({
  authority,
  certificate,
  key,
  domainName,
}: Record<keyof ClientTls, string | undefined>): ClientTls | null {
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
