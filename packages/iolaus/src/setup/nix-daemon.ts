import { DaemonConnection, DaemonError, daemonAddressFromEnvironment } from '@iolaus/nix';
import type { DaemonAddress } from '@iolaus/nix';
import { Fault } from '../fault/fault.ts';
import type { NixInstallation } from './nix-installation.ts';
import { startPrivateDaemon } from './private-nix-daemon.ts';

/** A Nix daemon that the farm may use. */
export interface ProvidedDaemon extends AsyncDisposable {
  readonly address: DaemonAddress;
  /** Variables with which Nix's commands and the farm's parts find it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Null if it is not ours: then it stays when we stop. */
  readonly processId: number | null;
}

/**
 * Uses the daemon that answers, if it trusts this user; starts a private one otherwise, with a store in the data folder.
 * A daemon that the environment names must do: it is a `daemon-refused` or `daemon-unreachable` fault if it does not.
 */
export async function provideDaemon(options: {
  readonly dataDirectory: string;
  readonly socketPath: string;
  readonly nix: NixInstallation;
  readonly environment: NodeJS.ProcessEnv;
}): Promise<ProvidedDaemon> {
  const { environment } = options;
  const address = daemonAddressFromEnvironment(environment);
  const wished = isNamed(environment);
  try {
    await tryDaemon(address);
    return existing(address);
  } catch (error) {
    if (wished) throw faultOfDaemon(address, error);
    return startPrivateDaemon(options);
  }
}

/** The environment names a certain daemon, rather than leaving it to the defaults. */
function isNamed(environment: NodeJS.ProcessEnv): boolean {
  return (
    (environment['NIX_REMOTE'] ?? '').startsWith('unix://') ||
    (environment['NIX_DAEMON_SOCKET_PATH'] ?? '') !== ''
  );
}

async function tryDaemon(address: DaemonAddress): Promise<void> {
  const connection = await DaemonConnection.connect(address);
  try {
    // Daemons before Nix 2.15 do not tell; they trust root unless they were told not to.
    const trusted = connection.trusted ?? process.getuid?.() === 0;
    if (!trusted) throw new Error('it does not trust this user');
  } finally {
    connection.close();
  }
}

function existing(address: DaemonAddress): ProvidedDaemon {
  return {
    address,
    environment: {
      NIX_REMOTE: 'daemon',
      NIX_DAEMON_SOCKET_PATH: address.socketPath,
      NIX_STORE_DIR: address.storeDirectory,
    },
    processId: null,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function faultOfDaemon({ socketPath }: DaemonAddress, cause: unknown): Fault {
  const isAbsent = cause instanceof DaemonError && cause.kind === 'unreachable';
  return isAbsent
    ? new Fault('daemon-unreachable', `no Nix daemon answers at ${socketPath}`, {
        remedy: 'Start it, or unset NIX_REMOTE and NIX_DAEMON_SOCKET_PATH for a private one.',
        cause,
      })
    : new Fault('daemon-refused', `the Nix daemon at ${socketPath} refuses to work for this user`, {
        remedy:
          'Name the user in trusted-users of its nix.conf, or unset NIX_REMOTE for a private daemon.',
        cause,
      });
}
