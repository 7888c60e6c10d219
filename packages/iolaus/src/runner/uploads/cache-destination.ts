import { parseBaseName } from '@iolaus/nix';
import type { DaemonAddress, StorePath } from '@iolaus/nix';
import type { CacheAddress } from '../../cache/address/store-address.ts';
import { openBinaryCache, prepareCache } from '../../cache/binary-cache.ts';
import { S3Store } from '../../cache/objects/s3/s3-store.ts';
import { Publisher } from '../../cache/publish/publisher.ts';
import { publishRealisation } from '../../cache/realisations/realisation-object.ts';
import { Fault } from '../../fault/fault.ts';
import type { Destination, UploadSources } from './destinations.ts';
import { copyLog, publishLog } from './publish-log.ts';
import { publishPaths } from './publish-paths.ts';

/** A binary cache of ours, fed from the runner's store. */
export function openCacheDestination(
  store: string,
  address: CacheAddress,
  { daemon, caches, overflow, sweeps, logDirectory, realisationsOf }: UploadSources,
): Destination {
  assertSameStore(address, daemon);
  const cache = openBinaryCache(address, { sweeps });
  const publisher = new Publisher(cache);
  let prepared: Promise<void> | undefined;
  const prepare = (): Promise<void> =>
    (prepared ??= prepareCache(cache).catch((error: unknown) => {
      prepared = undefined;
      throw error;
    }));
  const publish = async (paths: readonly StorePath[]): Promise<void> => {
    await prepare();
    await publishPaths(publisher, paths, { daemon, caches });
  };
  const { objects } = cache;
  return {
    direct:
      objects instanceof S3Store
        ? { address: store, cache, client: objects.client, publishPaths: publish }
        : null,
    async publish({ derivation, outputs }) {
      await prepare();
      const hasLog = await publishLog(cache, logDirectory, derivation);
      if (outputs.length === 0) return;
      // What a builder has put there itself the store may not have.
      await publish(await cache.presence.findMissing(outputs.map(parseBaseName)));
      for (const realisation of await realisationsOf(derivation))
        await publishRealisation(cache, realisation);
      const source = overflow();
      if (!hasLog && source !== null && source !== cache) await copyLog(source, cache, derivation);
    },
    cache,
    [Symbol.dispose]: () => cache[Symbol.dispose](),
  };
}

function assertSameStore({ settings }: CacheAddress, daemon: DaemonAddress): void {
  if (settings.storeDirectory === daemon.storeDirectory) return;
  throw new Fault(
    'bad-configuration',
    `a cache of ${settings.storeDirectory} cannot take paths of ${daemon.storeDirectory}`,
    { remedy: `Say store=${daemon.storeDirectory} in its address.` },
  );
}
