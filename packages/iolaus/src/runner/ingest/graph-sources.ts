import { printStorePath } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import type { Database } from '../../database/connection/connection.ts';
import { readFailedPaths } from '../../database/steps/failed-paths.ts';
import type { FarmView } from '../../farm/view.ts';
import type { Realisations } from '../resolution/realisations.ts';
import type { RetryPlans } from '../attempts/retry-plans.ts';
import type { RunnerStore } from '../store.ts';
import type { GraphSources } from './unfinished-graph.ts';

/** What is there: by the daemon, by the database, by the farm. */
export function openGraphSources(options: {
  readonly database: Database;
  readonly store: RunnerStore;
  readonly view: FarmView;
  readonly retryPlans: Pick<RetryPlans, 'of'>;
  readonly substitute: GraphSources['substitute'];
  readonly realisations: Realisations;
}): GraphSources {
  const { database, store, view, retryPlans, substitute, realisations } = options;

  const failedPaths = async (paths: readonly StorePath[]): Promise<ReadonlySet<StorePath>> => {
    const byText = new Map(paths.map((path) => [printStorePath(store.directory, path), path]));
    const failed = await readFailedPaths(database, [...byText.keys()]);
    return new Set([...failed].flatMap((text) => byText.get(text) ?? []));
  };

  return {
    derivations: store.derivations,
    failedPaths,
    learnOutputs: (derivations) => realisations.learn(derivations),
    resolutions: (derivations) => realisations.resolutions(derivations),
    retryPlan: (derivation) => retryPlans.of(derivation),
    validPaths: store.validPaths,
    isStep: (derivation) => view.hasStep(derivation),
    substitute,
    isUnderWay: (derivation) => view.isInherited(derivation),
  };
}
