import type { FarmEvent } from '../../farm/event.ts';
import { keepFound, noRoots } from '../gc-roots/gc-roots.ts';
import { openGraphSources } from '../ingest/graph-sources.ts';
import { Queue } from '../ingest/queue.ts';
import { openFoundRecords } from '../ingest/record-found.ts';
import { openSubstitutionRecords } from '../ingest/record-substitutions.ts';
import { noSubstitution } from '../ingest/substitution.ts';
import type { GraphSources } from '../ingest/unfinished-graph.ts';
import type { Decisions } from '../records/decisions.ts';
import { noCaches } from '../resolution/realisation-caches.ts';
import { openRealisations } from '../resolution/realisations.ts';
import { openUnfolding } from '../resolution/unfolding.ts';
import type { Unfolding } from '../resolution/unfolding.ts';
import { CopyingBack, noCopyBack } from '../uploads/overflow/copy-back.ts';
import type { CopyBack } from '../uploads/overflow/copy-back.ts';
import { noOverflow } from '../uploads/overflow/overflow-rule.ts';
import { openSourcesByJobset } from '../uploads/overflow/sources-by-jobset.ts';
import type { Foundation } from './foundation.ts';

/** What brings derivations into the farm: those that are queued, and those that others turn out to be. */
export function openIngest(
  foundation: Foundation,
  decisions: Decisions,
): { readonly queue: Queue; readonly unfolding: Unfolding; readonly copyBack: CopyBack } {
  const { doors, farm, retryPlans, validInStore } = foundation;
  const { database, store, logger, clock, uploads, overflow: door, roots = noRoots } = doors;
  const { directory: storeDirectory } = store;
  const { view } = farm;
  const sources = openSources(foundation);
  const submit = (event: FarmEvent): Promise<void> => decisions.submit(event);
  const sourcesByJobset = openSourcesByJobset({
    sources,
    database,
    view,
    copyBack: () => copyBack,
    rule: door?.rule ?? noOverflow,
  });
  const sourcesOf = sourcesByJobset.of;
  const unfolding = openUnfolding({ sourcesOf, store, view, logger, clock, submit });
  const copyBack =
    door === undefined
      ? noCopyBack
      : new CopyingBack({
          door,
          store,
          validInStore,
          uploads,
          sourcesOf,
          view,
          submit,
          clock,
          logger,
        });
  const queue = new Queue({
    database,
    decisions,
    logger,
    retryPlans,
    sources,
    unfolding,
    splitBySources: sourcesByJobset.split,
    results: keepFound(store.results, roots),
    noteSubstituted: openSubstitutionRecords({ database, storeDirectory }),
    noteFound: openFoundRecords({ database, validInStore, storeDirectory, clock }),
  });
  return { queue, unfolding, copyBack };
}

function openSources({ doors, farm, retryPlans, configuration }: Foundation): GraphSources {
  const { database, store, substitution = noSubstitution, caches = noCaches } = doors;
  const useSubstitutes = (): boolean => configuration().useSubstitutes;
  const realisations = openRealisations({
    database,
    store,
    caches,
    substitution,
    useSubstitutes,
    isUnfinished: (build) => farm.view.hasBuild(build),
  });
  return openGraphSources({
    database,
    store,
    view: farm.view,
    retryPlans,
    realisations,
    substitute: async (wanted) => (useSubstitutes() ? substitution.fetch(wanted) : []),
  });
}
