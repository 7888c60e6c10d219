import { DaemonError, derivationPath, fromUtf8, parseBaseName } from '@iolaus/nix';
import type { BasicDerivation, DaemonConnection } from '@iolaus/nix';

const anyDigest = '0'.repeat(32);
// No machine builds for it, so that a daemon that trusts us starts nothing.
const noSystem = 'iolaus-asks-for-trust';

/**
 * Whether the daemon trusts this user, who else may not have ordinary derivations built. Daemons say so since Nix 2.15;
 * an older one is asked to build a derivation for a system that does not exist: if it trusts us it complains of the
 * system, otherwise of the user.
 */
export async function isTrusted(connection: DaemonConnection): Promise<boolean> {
  if (connection.trusted !== null) return connection.trusted;
  try {
    await connection.buildDerivation(derivationPath(`${anyDigest}-trust.drv`), question);
    return true;
  } catch (error) {
    if (error instanceof DaemonError && /not privileged/i.test(error.message)) return false;
    throw error;
  }
}

const question: BasicDerivation = {
  name: 'trust',
  outputs: new Map([
    ['out', { type: 'input-addressed', path: parseBaseName(`${anyDigest}-trust`) }],
  ]),
  inputSources: [],
  system: fromUtf8(noSystem),
  builder: fromUtf8('/bin/sh'),
  arguments: [],
  environment: new Map(),
};
