import type { DaemonAddress } from '@iolaus/nix';
import { noSweeps } from '../../cache/sweeps.ts';
import { Fault } from '../../fault/fault.ts';
import type { RunnerConfiguration } from '../settings/configuration.ts';
import { Destinations } from './destinations.ts';

/**
 * Throws `Fault` where an address makes no sense, or names a key that cannot be read, and names the setting. The stores are asked
 * nothing.
 */
export function checkStores(
  { remoteStoreAddr, overflowStore }: RunnerConfiguration,
  daemon: DaemonAddress,
): void {
  using destinations = new Destinations({
    daemon,
    logDirectory: '',
    sweeps: noSweeps,
    realisationsOf: () => Promise.resolve([]),
  });
  nameSetting('remoteStoreAddr', () => destinations.change(remoteStoreAddr, null));
  nameSetting('overflowStore', () => destinations.change([], overflowStore?.store ?? null));
}

function nameSetting(key: keyof RunnerConfiguration, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { code, message, remedy, cause } = error;
    throw new Fault(code, `${key}: ${message}`, { ...(remedy !== undefined && { remedy }), cause });
  }
}
