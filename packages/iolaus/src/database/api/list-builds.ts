import type { Queryable } from '../connection/connection.ts';
import {
  buildSummaryColumns,
  buildSummarySource,
  eachBuildGroup,
  nameContains,
} from '../reads/list-builds.ts';
import type { BuildGroup, BuildSummary } from '../reads/list-builds.ts';
import { readableJobsets, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';

/** The page is found first, by narrow rows; only then is anything looked up for its builds. */
export const listReadableBuildsStatements = eachBuildGroup(
  (condition) => `
    with page as (
      select b.id from builds b
      where ${condition} and b.jobset_id = any(${readableJobsets(1, 2, 3)})
        and ($4::bigint is null or b.id < $4) and ${nameContains(5)}
      order by b.id desc limit $6)
    select ${buildSummaryColumns} from ${buildSummarySource}
    where b.id = any(array(select id from page)) order by b.id desc`,
);

/** Newest first, those before `before`. */
export const listReadableBuilds = (
  database: Queryable,
  filter: {
    readonly reader: Reader;
    readonly state: BuildGroup | undefined;
    readonly project: string | null;
    readonly jobset: string | null;
    readonly before: number | null;
    readonly search: string | null;
    readonly limit: number;
  },
): Promise<BuildSummary[]> =>
  database.query(listReadableBuildsStatements[filter.state ?? 'any'], [
    readerParameter(filter.reader),
    filter.project,
    filter.jobset,
    filter.before,
    filter.search,
    filter.limit,
  ]);

export const listMembersStatement = `
  select ${buildSummaryColumns} from ${buildSummarySource}
  where b.id = any(array(
    select m.build from jobsetevalmembers m where m.eval = $1 and ($2::bigint is null or m.build < $2)
    order by m.build desc limit $3))
  order by b.id desc`;

/** The builds of an evaluation, newest first, those before `before`. */
export const listMembers = (
  database: Queryable,
  evaluation: number,
  before: number | null,
  limit: number,
): Promise<BuildSummary[]> => database.query(listMembersStatement, [evaluation, before, limit]);
