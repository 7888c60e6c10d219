import type { DaemonAddress } from '@iolaus/nix';
import { systemClock } from '../../clock/system-clock.ts';
import type { Sweeps } from '../../cache/sweeps.ts';
import type { Database } from '../../database/connection/connection.ts';
import type { Logger } from '../../logging/logger.ts';
import type { RunnerDoors } from '../doors.ts';
import type { Publishing } from '../observation/sight.ts';
import { openPublishedRealisations } from '../resolution/published-realisations.ts';
import { openRealisationCaches } from '../resolution/realisation-caches.ts';
import type { RunnerConfiguration } from '../settings/configuration.ts';
import { logDirectoryOf } from '../settings/directories.ts';
import type { RunnerStore } from '../store/runner-store.ts';
import { Destinations } from './destinations.ts';
import { abortLeftOvers, openMultiparts, sweepDaily } from './direct/multiparts.ts';
import { openOverflowRule } from './overflow/overflow-rule.ts';
import { UploadQueue } from './upload-queue.ts';

/** The doors of a runner behind which the stores lie that it publishes to. */
type PublishingDoors = Required<
  Pick<RunnerDoors, 'uploads' | 'directUploads' | 'overflow' | 'caches'>
>;

/** Disposing breaks off what is being published; the next runner begins it again. */
export interface OpenPublishing extends AsyncDisposable {
  readonly doors: PublishingDoors;
  readonly status: Publishing;
  /** Publishes to the stores of this configuration from now on. @throws Fault `bad-configuration`; nothing changes then */
  change(configuration: RunnerConfiguration): void;
}

type PublishingOptions = {
  readonly database: Database;
  readonly daemon: DaemonAddress;
  readonly store: RunnerStore;
  readonly sweeps: Sweeps;
  /** As it is now. */
  readonly configuration: () => RunnerConfiguration;
  readonly logger: Logger;
};

/** Opens the stores that outputs are published to, and goes on with what an earlier runner left to publish. */
export async function openPublishing(options: PublishingOptions): Promise<OpenPublishing> {
  const { database, daemon, configuration, logger } = options;
  await using opening = new AsyncDisposableStack();
  const destinations = openDestinations(options);
  const rule = openOverflowRule(() => configuration().overflowStore?.jobsets ?? null);
  const clock = systemClock;
  const limit = (): number => configuration().concurrentUploadLimit;
  const uploads = opening.use(
    new UploadQueue({ database, destinations, overflowRule: rule, limit, clock, logger }),
  );
  const multiparts = openMultiparts(database, logger);
  await abortLeftOvers(database, multiparts, (address) => destinations.directAt(address));
  const direct = () => destinations.direct;
  const overflow = () => destinations.overflow;
  for (const cache of [direct, overflow]) opening.use(sweepDaily(cache, { clock, logger }));
  const open = opening.move();
  return {
    doors: {
      uploads,
      directUploads: { cache: direct, multiparts },
      overflow: { rule, cache: overflow, regular: () => destinations.regularCache },
      caches: openRealisationCaches({ caches: () => destinations.caches, daemon, clock, logger }),
    },
    status: { waiting: () => uploads.waiting(), traffic: () => destinations.traffic },
    change: (next) => useStores(destinations, next),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function openDestinations({
  database,
  daemon,
  store,
  sweeps,
  configuration,
}: PublishingOptions): Destinations {
  const destinations = new Destinations({
    daemon,
    sweeps,
    logDirectory: logDirectoryOf(configuration()),
    realisationsOf: openPublishedRealisations(database, daemon.storeDirectory, store),
  });
  useStores(destinations, configuration());
  return destinations;
}

const useStores = (
  destinations: Destinations,
  { remoteStoreAddr, overflowStore }: RunnerConfiguration,
): void => destinations.change(remoteStoreAddr, overflowStore?.store ?? null);
