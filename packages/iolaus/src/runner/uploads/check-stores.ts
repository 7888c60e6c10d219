import type { DaemonAddress } from '@iolaus/nix';
import { noSweeps } from '../../cache/sweeps.ts';
import type { RunnerConfiguration } from '../settings/configuration.ts';
import { Destinations } from './destinations.ts';

/** Throws `Fault` where an address makes no sense, or names a key that cannot be read. The stores are asked nothing. */
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
  destinations.change(remoteStoreAddr, overflowStore?.store ?? null);
}
