import type { DerivationPath } from '@iolaus/nix';
import type { Queryable } from '../../../database/connection/connection.ts';
import type { JobsetId } from '../../../farm/identity.ts';
import type { FarmView } from '../../../farm/view.ts';
import type { SplitBySources } from '../../ingest/queue.ts';
import type { GraphSources } from '../../ingest/unfinished-graph.ts';
import type { CopyBack } from './copy-back.ts';
import type { OverflowRule } from './overflow-rule.ts';

/** Where is looked for what is there, for whom: what overflow jobsets need may lie in the overflow store alone. */
export function openSourcesByJobset(options: {
  readonly sources: GraphSources;
  readonly copyBack: () => Pick<CopyBack, 'claim'>;
  readonly rule: OverflowRule;
  readonly database: Queryable;
  readonly view: Pick<FarmView, 'jobsetsOf'>;
}): {
  readonly split: SplitBySources;
  readonly of: (derivation: DerivationPath) => Promise<GraphSources>;
} {
  const { sources, copyBack, rule, database, view } = options;
  const regular: GraphSources = { ...sources, claim: (found) => copyBack().claim(found) };
  const choose = (wantsOverflow: boolean): GraphSources => (wantsOverflow ? sources : regular);

  const wants = async (jobsets: readonly JobsetId[]) => {
    const wantsOverflow = await rule(database, jobsets);
    return (needing: readonly JobsetId[]): GraphSources => choose(wantsOverflow(needing));
  };

  return {
    split: async (builds) => {
      const sourcesFor = await wants(builds.map(({ jobset }) => jobset));
      const groups = Map.groupBy(builds, ({ jobset }) => sourcesFor([jobset]));
      return [...groups].map(([chosen, alike]) => ({ builds: alike, sources: chosen }));
    },
    of: async (derivation) => {
      const jobsets = view.jobsetsOf(derivation);
      return (await wants(jobsets))(jobsets);
    },
  };
}
