import type { DerivationPath, StorePath } from '@iolaus/nix';
import type { Substitution } from '../ingest/substitution.ts';
import type { RunnerStore } from '../store/runner-store.ts';
import { nameOf, outputKeys } from './output-keys.ts';
import type { DerivationName } from './output-keys.ts';
import type { RealisationCaches } from './realisation-caches.ts';
import type { KnownOutputs } from './store-realisations.ts';

export type OutputSources = {
  readonly store: Pick<RunnerStore, 'directory' | 'derivations' | 'realisations'>;
  readonly caches: RealisationCaches;
  readonly substitution: Pick<Substitution, 'realise'>;
  /** Whether the daemon's substituters are to be asked. */
  readonly useSubstitutes: () => boolean;
};

/**
 * Where all outputs are of a derivation that needs no resolution, as far as they are in the store or can be fetched:
 * by the daemon, by the farm's caches, by the daemon's substituters. All are from one of these: whoever mixed them might
 * mix what two attempts made. Null where nobody has all of them.
 */
export async function findOutputs(
  path: DerivationPath,
  { store, caches, substitution, useSubstitutes }: OutputSources,
): Promise<KnownOutputs | null> {
  const name = nameOf(store.directory, store.derivations, path);
  if (name === null) return null;
  const wanted = [...store.derivations.outputs(path).keys()];
  const sources: readonly (() => Promise<KnownOutputs>)[] = [
    () => store.realisations.find(path),
    () => findInCaches(name, wanted, caches),
    async () => (useSubstitutes() ? substitution.realise(path) : new Map()),
  ];
  for (const look of sources) {
    const found = await look();
    if (wanted.every((output) => found.has(output))) return found;
  }
  return null;
}

async function findInCaches(
  name: DerivationName,
  wanted: readonly string[],
  caches: RealisationCaches,
): Promise<KnownOutputs> {
  const found = new Map<string, StorePath>();
  for (const output of wanted) {
    const path = await caches.find(outputKeys(name, output));
    if (path === null) return new Map();
    found.set(output, path);
  }
  return (await fetchAll(found.values(), caches)) ? found : new Map();
}

/** False where one of them cannot be had. */
export async function fetchAll(
  paths: Iterable<StorePath>,
  caches: RealisationCaches,
): Promise<boolean> {
  for (const path of paths) if (!(await caches.fetch(path))) return false;
  return true;
}
