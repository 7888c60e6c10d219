import { Fault } from '../../fault/fault.ts';
import { readSecretFile } from '../../configuration/secret.ts';
import { parseBind } from '../../protocol/bind.ts';
import type { Bind } from '../../protocol/bind.ts';
import type { ServerTls } from '../../protocol/server/runner-server.ts';
import { inheritedSocket } from '../../supervision/inherited-sockets.ts';
import type { SocketName } from '../../supervision/inherited-sockets.ts';
import { parseParameters, refusePositionals } from '../command.ts';
import { databaseOfEnvironment } from '../command-database.ts';

export const runnerHelp = `iolaus runner: takes what is queued, has it built by builders, records what came of it

  -c, --config-path FILE   TOML, with the keys of Hydra's queue runner (docs/operating.md explains them);
                           read again on SIGHUP (default: config.toml, if there is one)
  -g, --grpc-bind ADDRESS  where builders dial: host:port, the path of a Unix socket, or - for a socket that was handed
                           over by the name grpc (default: [::1]:50051)
  -r, --rest-bind ADDRESS  where status and metrics are, likewise, by the name rest (default: [::1]:8080)
  --server-cert-path FILE, --server-key-path FILE, --client-ca-cert-path FILE
                           PEM: builders dial with TLS and show a certificate of that authority (all three or none)
  --disable-queue-monitor-loop
                           take no builds but those that are asked for by POST /build_one
  --check                  read the configuration, what it names and the database, say what is wrong with them, and end
  --standby                wait while another runner works on the database, and take over when it has ended
  --data-dir DIR           instead of hydraDataDir: the logs are in its folder build-logs
  --db-url URL             instead of dbUrl (also: HYDRA_DATABASE_URL)

The Nix daemon is found as Nix finds it: NIX_REMOTE=unix://PATH, NIX_DAEMON_SOCKET_PATH, NIX_STORE_DIR, NIX_STATE_DIR.
RUST_LOG or IOLAUS_LOG sets how much is logged: debug, info (the default), warn or error.`;

/** PEM files, by what is in them. */
export type CertificateFiles = Readonly<Record<keyof ServerTls, string>>;

export type RunnerFlags = {
  /** Null: `config.toml`, where there is one. */
  readonly configFile: string | null;
  readonly grpcBind: Bind;
  readonly restBind: Bind;
  /** Null: builders speak in the clear. */
  readonly certificates: CertificateFiles | null;
  readonly followsQueue: boolean;
  readonly standsBy: boolean;
  /** Nothing is begun. */
  readonly checksOnly: boolean;
  readonly dataDirectory: string | null;
  readonly databaseUrl: string | null;
};

/** What the command line says, sockets and certificates included. Throws `Fault`. */
export function parseRunnerFlags(
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv,
): RunnerFlags {
  const { values, positionals } = parseParameters('runner', parameters, {
    'config-path': { type: 'string', short: 'c' },
    config: { type: 'string' },
    'grpc-bind': { type: 'string', short: 'g', default: '[::1]:50051' },
    'rest-bind': { type: 'string', short: 'r', default: '[::1]:8080' },
    'server-cert-path': { type: 'string' },
    'server-key-path': { type: 'string' },
    'client-ca-cert-path': { type: 'string' },
    'disable-queue-monitor-loop': { type: 'boolean', default: false },
    standby: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    'data-dir': { type: 'string' },
    'db-url': { type: 'string' },
  });
  refusePositionals('runner', positionals);
  return {
    configFile: values['config-path'] ?? values.config ?? null,
    grpcBind: readBind(values['grpc-bind'], 'grpc', environment),
    restBind: readBind(values['rest-bind'], 'rest', environment),
    certificates: nameCertificates(
      values['server-cert-path'],
      values['server-key-path'],
      values['client-ca-cert-path'],
    ),
    followsQueue: !values['disable-queue-monitor-loop'],
    standsBy: values.standby,
    checksOnly: values.check,
    dataDirectory: values['data-dir'] ?? null,
    databaseUrl: values['db-url'] ?? databaseOfEnvironment(environment) ?? null,
  };
}

function readBind(text: string, name: SocketName, environment: NodeJS.ProcessEnv): Bind {
  if (text !== '-') return parseBind(text);
  return { type: 'inherited', descriptor: inheritedSocket(environment, name) };
}

function nameCertificates(
  certificate: string | undefined,
  key: string | undefined,
  authority: string | undefined,
): CertificateFiles | null {
  if (certificate === undefined && key === undefined && authority === undefined) return null;
  if (certificate === undefined || key === undefined || authority === undefined) {
    throw new Fault('bad-usage', 'the certificates for builders are not complete', {
      remedy:
        'Name all three files, or none: --server-cert-path, --server-key-path and --client-ca-cert-path.',
    });
  }
  return { certificate, key, clientAuthority: authority };
}

/** What the files say just now. Throws `Fault` where one cannot be read. */
export function readCertificates({
  certificate,
  key,
  clientAuthority,
}: CertificateFiles): ServerTls {
  return {
    certificate: readPem(certificate, '--server-cert-path'),
    key: readPem(key, '--server-key-path'),
    clientAuthority: readPem(clientAuthority, '--client-ca-cert-path'),
  };
}

const readPem = (file: string, flag: string): string =>
  readSecretFile(file, 'the file', `${flag} should name a PEM file that this user may read.`);
