import { DaemonConnection, parseBaseName, queryClosure } from '@iolaus/nix';
import type { PathInfo, StorePath } from '@iolaus/nix';
import type { CacheAddress } from '../../cache/address/store-address.ts';
import { openBinaryCache, prepareCache } from '../../cache/binary-cache.ts';
import { fromStoreFolder, Publisher } from '../../cache/publish/publisher.ts';
import { publishRealisation } from '../../cache/realisations/realisation-object.ts';
import { Fault } from '../../fault/fault.ts';
import type { Destination, UploadSources } from './destinations.ts';
import { publishLog } from './publish-log.ts';

/** A binary cache of ours, fed from the runner's store. */
export function openCacheDestination(
  address: CacheAddress,
  { daemon, logDirectory, realisationsOf }: UploadSources,
): Destination {
  const { storeDirectory } = address.settings;
  if (storeDirectory !== daemon.storeDirectory)
    throw new Fault(
      'bad-configuration',
      `a cache of ${storeDirectory} cannot take paths of ${daemon.storeDirectory}`,
      {
        remedy: `Say store=${daemon.storeDirectory} in its address.`,
      },
    );
  const cache = openBinaryCache(address);
  const publisher = new Publisher(cache);
  const source = fromStoreFolder(daemon.storeDirectory);
  let prepared: Promise<void> | undefined;
  return {
    async publish({ derivation, outputs }) {
      prepared ??= prepareCache(cache).catch((error: unknown) => {
        prepared = undefined;
        throw error;
      });
      await prepared;
      await publishLog(cache, logDirectory, derivation);
      if (outputs.length === 0) return;
      // Whoever clears up the store leaves it alone for as long as this connection lives.
      await using connection = await DaemonConnection.connect(daemon);
      const closure = await keepClosure(connection, outputs.map(parseBaseName));
      await publisher.publish(closure, source);
      for (const realisation of await realisationsOf(derivation))
        await publishRealisation(cache, realisation);
    },
    cache,
    [Symbol.dispose]: () => cache[Symbol.dispose](),
  };
}

async function keepClosure(
  connection: DaemonConnection,
  outputs: readonly StorePath[],
): Promise<PathInfo[]> {
  await connection.addTempRoots(outputs);
  const closure = await queryClosure(connection, outputs);
  const found = new Set(closure.map(({ path }) => path));
  const lost = outputs.filter((output) => !found.has(output));
  if (lost.length === 0) return closure;
  throw new Fault('cache-refused', `the store does not have ${lost.join(', ')} any more`, {
    remedy: 'Build it again, or keep it by rootsDir next time.',
  });
}
