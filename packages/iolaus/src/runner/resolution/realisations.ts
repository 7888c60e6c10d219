import type { DerivationPath } from '@iolaus/nix';
import { forEachInParallel } from '../../cache/in-parallel.ts';
import type { Database } from '../../database/connection/connection.ts';
import { readRealisations } from '../../database/steps/realisations.ts';
import type { KnownRealisation } from '../../database/steps/realisations.ts';
import type { BuildId } from '../../farm/identity.ts';
import type { RunnerStore } from '../store/runner-store.ts';
import { fetchAll, findOutputs } from './find-outputs.ts';
import type { OutputSources } from './find-outputs.ts';

/** What derivations turned out to be whose outputs only a build can tell. */
export type Realisations = {
  /** Finds out what is known of these, and fetches what can be had, so that `Derivations.outputs` tells it. */
  learn(derivations: readonly DerivationPath[]): Promise<void>;
  /** What these were resolved into, as far as it can still be built: it and its inputs are there. */
  resolutions(
    derivations: readonly DerivationPath[],
  ): Promise<ReadonlyMap<DerivationPath, DerivationPath>>;
};

// Most of the time goes by in the network, or in the daemon.
const questionsAtOnce = 16;

export function openRealisations({
  database,
  store,
  isUnfinished,
  ...elsewhere
}: Omit<OutputSources, 'store'> & {
  readonly database: Database;
  readonly isUnfinished: (build: BuildId) => boolean;
  readonly store: OutputSources['store'] & Pick<RunnerStore, 'realised' | 'validPaths'>;
}): Realisations {
  const { derivations, realised } = store;

  const isOpen = (path: DerivationPath): boolean =>
    derivations
      .outputs(path)
      .values()
      .some((output) => output === null);

  const learn: Realisations['learn'] = async (asked) => {
    const unnamed = asked.filter(
      (path) => !derivations.isNamed(path) || realised.outputs(path) !== undefined,
    );
    unnamed.filter(isOver).forEach((path) => realised.forget(path));
    for (const known of await readRealisations(database, unnamed.filter(isOpen))) note(known);
    await forEachInParallel(await findAbsent(unnamed), questionsAtOnce, lookElsewhere);
  };

  /** It was found out for builds that have ended. */
  const isOver = (path: DerivationPath): boolean =>
    realised.builds(path)?.every((build) => !isUnfinished(build)) === true;

  const note = ({ derivation, resolved, outputs, builds }: KnownRealisation): void => {
    if (resolved !== null) realised.noteResolution(derivation, resolved);
    realised.noteOutputs(derivation, outputs);
    if (builds === null) return;
    realised.noteBuilds(derivation, builds);
    if (resolved !== null) realised.noteBuilds(resolved, builds);
  };

  /** Those of which an output is not known, or is not in the store. */
  const findAbsent = async (asked: readonly DerivationPath[]): Promise<DerivationPath[]> => {
    const known = asked
      .flatMap((path) => [...derivations.outputs(path).values()])
      .filter((output) => output !== null);
    const valid = known.length === 0 ? new Set() : await store.validPaths(known);
    return asked.filter((path) =>
      derivations
        .outputs(path)
        .values()
        .some((output) => output === null || !valid.has(output)),
    );
  };

  /** What was chosen before comes first: others may have been built with it. */
  const lookElsewhere = async (path: DerivationPath): Promise<void> => {
    const chosen = [...derivations.outputs(path).values()].filter((output) => output !== null);
    if (!isOpen(path) && (await fetchAll(chosen, elsewhere.caches))) return;
    const basic = realised.resolution(path) ?? path;
    const found = await findOutputs(basic, { store, ...elsewhere });
    if (found !== null) realised.noteOutputs(basic, found);
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
