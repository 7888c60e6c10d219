import type { Database } from '../../database/connection/connection.ts';
import { readFailedPaths } from '../../database/steps/failed-paths.ts';
import type { FarmView } from '../../farm/view.ts';
import type { Realisations } from '../resolution/realisations.ts';
import type { RetryPlans } from '../attempts/retry-plans.ts';
import type { RunnerStore } from '../store/runner-store.ts';
import { failureNames } from './cached-failures.ts';
import type { GraphSources } from './unfinished-graph.ts';

/** Asks the daemon, the database and the farm what is there. */
export function openGraphSources(options: {
  readonly database: Database;
  readonly store: RunnerStore;
  readonly view: FarmView;
  readonly retryPlans: Pick<RetryPlans, 'of'>;
  readonly substitute: GraphSources['substitute'];
  readonly realisations: Realisations;
}): GraphSources {
  const { database, store, view, retryPlans, substitute, realisations } = options;

  const failedBefore: GraphSources['failedBefore'] = async (missing) => {
    if (missing.size === 0) return new Set();
    const byName = new Map(
      [...missing].flatMap(([derivation, outputs]) =>
        failureNames({ derivation, outputs }, store.directory).map((name) => [name, derivation]),
      ),
    );
    const failed = await readFailedPaths(database, [...byName.keys()]);
    return new Set([...failed].flatMap((name) => byName.get(name) ?? []));
  };

  return {
    derivations: store.derivations,
    failedBefore,
    learnOutputs: (derivations) => realisations.learn(derivations),
    resolutions: (derivations) => realisations.resolutions(derivations),
    retryPlan: (derivation) => retryPlans.of(derivation),
    validPaths: store.validPaths,
    isStep: (derivation) => view.hasStep(derivation),
    substitute,
    // Nobody has to wait for a copy in another cache.
    claim: async () => new Set(),
    isUnderWay: (derivation) => view.isInherited(derivation),
  };
}
