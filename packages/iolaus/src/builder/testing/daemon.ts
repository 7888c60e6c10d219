import { DaemonConnection, DaemonError } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import type { PrivateDaemon } from '@iolaus/nix/testing';

/**
 * A private daemon whose store is there. Nix makes it at the first connection, and refuses others that come meanwhile.
 */
export async function startReadyDaemon(): Promise<PrivateDaemon> {
  const daemon = await startPrivateDaemon();
  for (;;) {
    try {
      await using _connection = await DaemonConnection.connect(daemon.address);
      return daemon;
    } catch (error) {
      if (!(error instanceof DaemonError) || error.kind !== 'refused') throw error;
    }
  }
}
