import {
  DaemonConnection,
  DaemonError,
  daemonAddressFromEnvironment,
  parseBaseName,
} from '@iolaus/nix';
import type { DaemonAddress } from '@iolaus/nix';
import { Fault } from '../fault/fault.ts';
import { isTrusted } from './trust.ts';

// A local daemon answers within milliseconds; a machine under load may need a second or two.
const answerMillisecondsMax = 5_000;

/**
 * The daemon at the usual place, if it answers and trusts this user. Null where it does not, and nobody has asked for it.
 * @throws Fault `daemon-refused` or `daemon-unreachable` where the environment names a daemon that will not do
 */
export async function findDaemon(
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<DaemonAddress | null> {
  try {
    const address = daemonAddressFromEnvironment(environment);
    await checkThatItServes(address, signal);
    return address;
  } catch (error) {
    signal?.throwIfAborted();
    if (isAskedFor(environment)) throw explain(environment, error);
    return null;
  }
}

function isAskedFor(environment: NodeJS.ProcessEnv): boolean {
  const remote = environment['NIX_REMOTE'] ?? '';
  return !['', 'auto'].includes(remote) || (environment['NIX_DAEMON_SOCKET_PATH'] ?? '') !== '';
}

const anyPath = parseBaseName(`${'0'.repeat(32)}-path`);

class Distrust extends Error {}

async function checkThatItServes(
  address: DaemonAddress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const patience = AbortSignal.timeout(answerMillisecondsMax);
  const connection = await DaemonConnection.connect(address, {
    signal: signal === undefined ? patience : AbortSignal.any([signal, patience]),
  });
  try {
    // A daemon of another store refuses to hear of a path of this one.
    await connection.isValidPath(anyPath);
    if (!(await isTrusted(connection))) throw new Distrust(address.socketPath);
  } finally {
    connection.destroy();
  }
}

function explain(environment: NodeJS.ProcessEnv, cause: unknown): Fault {
  const named = environment['NIX_REMOTE'] || environment['NIX_DAEMON_SOCKET_PATH'] || '';
  const withoutIt = 'or unset NIX_REMOTE and NIX_DAEMON_SOCKET_PATH for a private daemon.';
  if (cause instanceof Distrust) {
    return new Fault('daemon-refused', `the Nix daemon of ${named} does not trust this user`, {
      remedy: `Name the user in trusted-users of its nix.conf, ${withoutIt}`,
    });
  }
  if (isRefusal(cause)) {
    return new Fault('daemon-refused', `the Nix daemon of ${named} does not work for this user`, {
      remedy: `See allowed-users in its nix.conf, and who may open its socket, ${withoutIt}`,
      cause,
    });
  }
  return new Fault('daemon-unreachable', `no Nix daemon answers at ${named}`, {
    remedy: `Start it, ${withoutIt}`,
    cause,
  });
}

/** It hung up, the system does not let us at its socket, or it works on another store than the environment says. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof DaemonError)) return false;
  const cause = error.cause;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return error.kind !== 'unreachable' || code === 'EACCES';
}
