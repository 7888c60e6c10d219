import type { DaemonAddress, OutputKey, StorePath } from '@iolaus/nix';
import type { BinaryCache } from '../../cache/binary-cache.ts';
import { narinfoKey } from '../../cache/narinfos/narinfo-object.ts';
import { findRealisation } from '../../cache/realisations/realisation-object.ts';
import type { Clock } from '../../clock/clock.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import { fetchClosure } from './fetch-closure.ts';

/** The binary caches that the farm publishes to, as sources of what others have built. */
export type RealisationCaches = {
  /** What an output turned out to be, by the first cache that says so. Never rejects: who cannot be asked says nothing. */
  find(keys: readonly OutputKey[]): Promise<StorePath | null>;
  /** Brings a path and all that it refers to into the runner's store; false where no cache has it whole. Never rejects. */
  fetch(path: StorePath): Promise<boolean>;
};

/** For a farm that publishes nothing. */
export const noCaches: RealisationCaches = { find: async () => null, fetch: async () => false };

/** A cache that does not answer is not asked for so long: steps should not wait for it again and again. */
const restMilliseconds = 60_000;

export function openRealisationCaches(options: {
  readonly caches: () => readonly BinaryCache[];
  readonly daemon: DaemonAddress;
  readonly clock: Clock;
  readonly logger: Logger;
}): RealisationCaches {
  const { caches, daemon, clock, logger } = options;
  const restsUntil = new WeakMap<BinaryCache, number>();

  /** What the first cache answers that has an answer. */
  const first = async <Answer>(
    ask: (cache: BinaryCache) => Promise<Answer | null>,
  ): Promise<Answer | null> => {
    for (const cache of caches()) {
      if ((restsUntil.get(cache) ?? 0) > clock.now()) continue;
      try {
        const answer = await ask(cache);
        if (answer !== null) return answer;
      } catch (error) {
        restsUntil.set(cache, clock.now() + restMilliseconds);
        const told = { cache: cache.objects.name, error: describeError(error) };
        logger.warn(
          told,
          'a cache cannot tell what was built before; for a minute it is not asked',
        );
      }
    }
    return null;
  };

  return {
    find: (keys) => first((cache) => findRealisation(cache, keys)),
    fetch: async (path) =>
      (await first(async (cache) => {
        await cache.sweeps.spare([narinfoKey(path)]);
        if ((await cache.presence.findMissing([path])).length > 0) return null;
        await fetchClosure(cache, path, daemon);
        return path;
      })) !== null,
  };
}
