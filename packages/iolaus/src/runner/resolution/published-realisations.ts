import { derivationPath } from '@iolaus/nix';
import type { StoreDirectory } from '@iolaus/nix';
import type { NamedRealisation } from '../../cache/realisations/realisation-object.ts';
import type { Database } from '../../database/connection/connection.ts';
import { readRealisations } from '../../database/steps/realisations.ts';
import type { RunnerStore } from '../store/runner-store.ts';
import { nameOf, outputKeys } from './output-keys.ts';

/**
 * What is to be said in caches of a derivation's outputs besides that they are there: where only a build could tell
 * their paths, what they turned out to be, under all names that Nix may look for. Of one that needed resolution, that of
 * what it was resolved into is said instead.
 */
export function openPublishedRealisations(
  database: Database,
  directory: StoreDirectory,
  { derivations }: Pick<RunnerStore, 'derivations'>,
): (derivation: string) => Promise<readonly NamedRealisation[]> {
  return async (text) => {
    const known = await readRealisations(database, [derivationPath(text)]);
    return known.flatMap(({ derivation, resolved, outputs }) => {
      const name = nameOf(directory, derivations, resolved ?? derivation);
      if (name === null) return [];
      return [...outputs].flatMap(([output, path]) =>
        outputKeys(name, output).map((key) => ({ key, path })),
      );
    });
  };
}
