import { keepFound, noRoots } from '../gc-roots.ts';
import { openGraphSources } from '../ingest/graph-sources.ts';
import { Queue } from '../ingest/queue.ts';
import { openSubstitutionRecords } from '../ingest/record-substitutions.ts';
import { noSubstitution } from '../ingest/substitution.ts';
import type { GraphSources } from '../ingest/unfinished-graph.ts';
import type { Decisions } from '../records/decisions.ts';
import { noCaches } from '../resolution/realisation-caches.ts';
import { openRealisations } from '../resolution/realisations.ts';
import { openUnfolding } from '../resolution/unfolding.ts';
import type { Unfolding } from '../resolution/unfolding.ts';
import type { Foundation } from './foundation.ts';

/** What brings derivations into the farm: those that are queued, and those that others turn out to be. */
export function openIngest(
  foundation: Foundation,
  decisions: Decisions,
): { readonly queue: Queue; readonly unfolding: Unfolding } {
  const { doors, farm, retryPlans } = foundation;
  const { database, store, logger, clock, roots = noRoots } = doors;
  const sources = openSources(foundation);
  const unfolding = openUnfolding({
    ...{ sources, store, view: farm.view, logger, clock },
    submit: (event) => decisions.submit(event),
  });
  const queue = new Queue({
    ...{ database, decisions, logger, retryPlans, sources, unfolding },
    results: keepFound(store.results, roots),
    noteSubstituted: openSubstitutionRecords({
      ...{ database, logger, storeDirectory: store.directory },
    }),
  });
  return { queue, unfolding };
}

function openSources({ doors, farm, retryPlans, configuration }: Foundation): GraphSources {
  const { database, store, substitution = noSubstitution, caches = noCaches } = doors;
  const useSubstitutes = (): boolean => configuration().useSubstitutes;
  const realisations = openRealisations({
    ...{ database, store, caches, substitution, useSubstitutes },
    isUnfinished: (build) => farm.view.hasBuild(build),
  });
  return openGraphSources({
    ...{ database, store, view: farm.view, retryPlans, realisations },
    substitute: async (wanted) => (useSubstitutes() ? substitution.fetch(wanted) : []),
  });
}
