import type { Queryable } from '../connection/connection.ts';
import { readableJobsets, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';

/** A derivation or an output, and the newest build that the reader may see which has it; of a step, if it is no build's own. */
export type FoundPath = {
  readonly path: string;
  readonly build: number;
  readonly step: number | null;
  readonly job: string;
};

/**
 * Between these two lies every path that begins with $4, in whatever order the database has letters: `-` and `/` count for
 * nothing in some of them.
 */
const beginsSo = (path: string): string =>
  `${path} >= $4 and ${path} < $4 || 'zzzzzzzz' and starts_with(${path}, $4)`;

export const findStorePathsStatement = `
  with found as (
    (select b.drvpath as path, b.id as build, null::int4 as step from builds b where ${beginsSo('b.drvpath')} limit $5)
    union all
    (select s.drvpath, s.build, s.stepnr from buildsteps s where ${beginsSo('s.drvpath')} limit $5)
    union all
    (select o.path, o.build, o.stepnr from buildstepoutputs o where ${beginsSo('o.path')} limit $5))
  select distinct on (f.path) f.path, f.build, f.step, b.job
  from found f join builds b on b.id = f.build
  where b.jobset_id = any(${readableJobsets(1, 2, 3)})
  order by f.path, f.step nulls first, f.build desc limit $5`;

/** Derivations and outputs whose paths begin so, each once. */
export const findStorePaths = (
  database: Queryable,
  reader: Reader,
  beginning: string,
  limit: number,
): Promise<FoundPath[]> =>
  database.query(findStorePathsStatement, [readerParameter(reader), null, null, beginning, limit]);
