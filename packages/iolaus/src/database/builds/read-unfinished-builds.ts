import { NixFormatError, derivationPath } from '@iolaus/nix';
import type { DerivationPath } from '@iolaus/nix';
import type { BuildFacts } from '../../farm/facts.ts';
import type { BuildId, EvaluationId, JobsetId } from '../../farm/identity.ts';
import type { Queryable } from '../connection/connection.ts';

const columns = `
  select b.id, b.drvpath as "derivation", b.jobset_id as "jobset", b.globalpriority as "globalPriority",
    b.priority as "localPriority", b.maxsilent as "maxSilentSeconds", b.timeout as "timeoutSeconds",
    (select min(m.eval) from jobsetevalmembers m where m.build = b.id) as "evaluation"
  from builds b where b.finished = 0`;
// What is wanted most comes in first, so that it starts while the rest is read.
const order = `order by b.globalpriority desc, b.id`;

export const readBuildsAfterStatement = `${columns} and b.id > $1 ${order}`;
export const readBuildsByIdStatement = `${columns} and b.id = any($1::int[]) ${order}`;
export const readUnfinishedPrioritiesStatement = `
  select id, globalpriority as "globalPriority" from builds where finished = 0`;

type Row = {
  readonly id: BuildId;
  readonly derivation: string;
  readonly jobset: JobsetId;
  readonly evaluation: EvaluationId | null;
  readonly globalPriority: number;
  readonly localPriority: number;
  readonly maxSilentSeconds: number | null;
  readonly timeoutSeconds: number | null;
};

/**
 * Queued builds with higher ids than one, or those of the ids that are still queued. One whose derivation is no path of a
 * derivation is left out and told of: a single bad row must not hold up the queue.
 */
export async function readUnfinishedBuilds(
  database: Queryable,
  which: { readonly afterId: number } | { readonly ids: readonly BuildId[] },
  onUnreadable: (build: BuildId, derivation: string) => void = () => {},
): Promise<BuildFacts[]> {
  const rows =
    'afterId' in which
      ? await database.query<Row>(readBuildsAfterStatement, [which.afterId])
      : await database.query<Row>(readBuildsByIdStatement, [which.ids]);
  return rows.flatMap((row) => {
    const derivation = parseDerivation(row.derivation);
    if (derivation !== null) return [{ ...row, derivation }];
    onUnreadable(row.id, row.derivation);
    return [];
  });
}

/** Paths are stored with the store directory. */
function parseDerivation(path: string): DerivationPath | null {
  try {
    return derivationPath(path.slice(path.lastIndexOf('/') + 1));
  } catch (error) {
    if (error instanceof NixFormatError) return null;
    throw error;
  }
}

export async function readUnfinishedPriorities(
  database: Queryable,
): Promise<{ id: BuildId; globalPriority: number }[]> {
  return database.query(readUnfinishedPrioritiesStatement);
}
