import { derivationPath } from '@iolaus/nix';
import type { BuildFacts } from '../farm/facts.ts';
import type { BuildId, JobsetId } from '../farm/identity.ts';
import type { Queryable } from './connection.ts';

const columns = `
  select b.id, b.drvpath as "derivation", b.jobset_id as "jobset", b.globalpriority as "globalPriority",
    b.priority as "localPriority", b.maxsilent as "maxSilentSeconds", b.timeout as "timeoutSeconds"
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
  readonly globalPriority: number;
  readonly localPriority: number;
  readonly maxSilentSeconds: number | null;
  readonly timeoutSeconds: number | null;
};

/** Queued builds with higher ids than one, or those of the ids that are still queued. */
export async function readUnfinishedBuilds(
  database: Queryable,
  which: { readonly afterId: number } | { readonly ids: readonly BuildId[] },
): Promise<BuildFacts[]> {
  const rows =
    'afterId' in which
      ? await database.query<Row>(readBuildsAfterStatement, [which.afterId])
      : await database.query<Row>(readBuildsByIdStatement, [which.ids]);
  return rows.map((row) => ({ ...row, derivation: derivationPath(baseName(row.derivation)) }));
}

/** Paths are stored with the store directory. */
const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export async function readUnfinishedPriorities(
  database: Queryable,
): Promise<{ id: BuildId; globalPriority: number }[]> {
  return database.query(readUnfinishedPrioritiesStatement);
}
