import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { restoreNar } from '@iolaus/nix';
import type { StoreDirectory, StorePath } from '@iolaus/nix';
import { fromCache } from '../../../cache/upkeep/from-cache.ts';
import { readClosure } from '../../../cache/upkeep/read-closure.ts';
import type { BuildResult } from '../../../farm/facts.ts';
import { combineNixSupport, readNixSupport } from '../../../nix-support/nix-support.ts';
import { knownPaths } from '../../store/found-results.ts';
import type { FoundResults } from '../../store/found-results.ts';
import { sizesOf } from '../../store/measure.ts';
import type { RunnerStore } from '../../store/runner-store.ts';
import type { DirectCache } from './direct-cache.ts';

type Store = Pick<RunnerStore, 'results' | 'derivations' | 'validPaths' | 'directory'>;

/** What is known of outputs that were there before anybody built them, in the store or in the cache alone. */
export function resultsInEither(
  { results, derivations, validPaths, directory }: Store,
  cacheNow: () => DirectCache | null,
): FoundResults {
  return {
    read: async (derivation) => {
      const direct = cacheNow();
      if (direct === null) return results.read(derivation);
      const paths = knownPaths(derivation, derivations.outputs(derivation));
      const valid = await validPaths([...paths.values()]);
      const isStored = paths.values().every((path) => valid.has(path));
      return isStored ? results.read(derivation) : readFromCache(direct, directory, paths);
    },
  };
}

/** Outputs are unpacked for as long as it takes to read what they say of themselves. */
async function readFromCache(
  { cache }: DirectCache,
  directory: StoreDirectory,
  paths: ReadonlyMap<string, StorePath>,
): Promise<BuildResult> {
  const closure = await readClosure(cache, [...paths.values()]);
  const archive = fromCache(cache, closure);
  const folder = await mkdtemp(join(tmpdir(), 'outputs-'));
  try {
    for (const path of new Set(paths.values()))
      await restoreNar(archive({ path }), join(folder, path));
    const supports = await readNixSupport(directory, paths, { physicalDirectory: folder });
    const outputs = [...paths].map(([name, path]) => [name, sizesOf(path, closure)] as const);
    return { outputs: new Map(outputs), ...combineNixSupport(supports) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
