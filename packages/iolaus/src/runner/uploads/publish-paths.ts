import { DaemonConnection, queryClosure } from '@iolaus/nix';
import type { DaemonAddress, StorePath } from '@iolaus/nix';
import type { BinaryCache } from '../../cache/binary-cache.ts';
import { fromStoreFolder } from '../../cache/publish/publisher.ts';
import type { Publisher } from '../../cache/publish/publisher.ts';
import { copyPaths } from '../../cache/upkeep/copy-paths.ts';
import { Fault } from '../../fault/fault.ts';

/** Where paths come from that are to be published. */
export type PathSources = {
  readonly daemon: DaemonAddress;
  /** What the runner's store does not have one of these may have: builders put it there. As they are now. */
  readonly caches: () => readonly BinaryCache[];
};

/** Has a cache hold paths with all that they refer to: from the runner's store, or else from another cache. @throws Fault */
export async function publishPaths(
  publisher: Publisher,
  paths: readonly StorePath[],
  sources: PathSources,
): Promise<void> {
  if (paths.length === 0) return;
  const absent = await publishFromStore(publisher, paths, sources.daemon);
  await publishFromCaches(publisher, absent, sources.caches());
}

/** Returns what the store does not have. */
async function publishFromStore(
  publisher: Publisher,
  paths: readonly StorePath[],
  daemon: DaemonAddress,
): Promise<StorePath[]> {
  // Whoever clears up the store leaves it alone for as long as this connection lives.
  await using connection = await DaemonConnection.connect(daemon);
  await connection.addTempRoots(paths);
  const closure = await queryClosure(connection, paths);
  await publisher.publish(closure, fromStoreFolder(daemon.storeDirectory));
  const found = new Set(closure.map(({ path }) => path));
  return paths.filter((path) => !found.has(path));
}

async function publishFromCaches(
  publisher: Publisher,
  paths: readonly StorePath[],
  caches: readonly BinaryCache[],
): Promise<void> {
  const others = caches.filter((cache) => cache !== publisher.cache);
  const { lost } = await shareOut(paths, others, (cache, found) =>
    copyPaths(cache, publisher, found),
  );
  if (lost.length === 0) return;
  throw new Fault(
    'cache-refused',
    `neither the store nor a cache has ${lost.join(', ')} any more`,
    {
      remedy: 'Build it again, or keep it by rootsDir next time.',
    },
  );
}

/**
 * Does something with each path in the first cache that has it. Nothing is lost for as long as a cache cannot be asked.
 * @throws what was thrown by that cache
 */
export async function shareOut(
  paths: readonly StorePath[],
  caches: readonly BinaryCache[],
  work: (cache: BinaryCache, found: readonly StorePath[]) => Promise<void>,
): Promise<{ readonly lost: readonly StorePath[] }> {
  const failures: unknown[] = [];
  let lost = paths;
  for (const cache of caches) {
    if (lost.length === 0) break;
    try {
      const missing = new Set(await cache.presence.findMissing(lost));
      await work(
        cache,
        lost.filter((path) => !missing.has(path)),
      );
      lost = lost.filter((path) => missing.has(path));
    } catch (error) {
      failures.push(error);
    }
  }
  if (lost.length > 0 && failures.length > 0) throw failures[0];
  return { lost };
}
