import type { DerivationPath } from '@iolaus/nix';
import type { Database } from '../../database/connection/connection.ts';
import { readRealisations } from '../../database/steps/realisations.ts';
import type { RunnerStore } from '../store.ts';

/** What derivations turned out to be whose outputs only a build can tell: by the database, by the daemon. */
export type Realisations = {
  /** Finds out what is known of these, so that `Derivations.outputs` tells it. */
  learn(derivations: readonly DerivationPath[]): Promise<void>;
  /** What these were resolved into, as far as it can still be built: it and its inputs are there. */
  resolutions(
    derivations: readonly DerivationPath[],
  ): Promise<ReadonlyMap<DerivationPath, DerivationPath>>;
};

export function openRealisations({
  database,
  store,
}: {
  readonly database: Database;
  readonly store: Pick<RunnerStore, 'derivations' | 'realised' | 'outputsInStore' | 'validPaths'>;
}): Realisations {
  const { derivations, realised } = store;

  const isOpen = (path: DerivationPath): boolean =>
    derivations
      .outputs(path)
      .values()
      .some((output) => output === null);

  const learn: Realisations['learn'] = async (asked) => {
    const open = asked.filter(isOpen);
    for (const { derivation, resolved, outputs } of await readRealisations(database, open)) {
      if (resolved !== null) realised.noteResolution(derivation, resolved);
      realised.noteOutputs(derivation, outputs);
    }
    for (const path of open.filter(isOpen)) {
      const basic = realised.resolution(path) ?? path;
      realised.noteOutputs(basic, await store.outputsInStore(basic));
    }
  };

  const resolutions: Realisations['resolutions'] = async (asked) => {
    const known = asked.flatMap((path) => {
      const into = realised.resolution(path);
      return into === undefined ? [] : [{ path, into }];
    });
    const valid = await store.validPaths(known.map(({ into }) => into));
    // It keeps what it refers to, its inputs.
    return new Map(
      known.filter(({ into }) => valid.has(into)).map(({ path, into }) => [path, into]),
    );
  };

  return { learn, resolutions };
}
