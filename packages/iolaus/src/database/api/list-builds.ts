import type { Queryable } from '../connection/connection.ts';
import { buildSummaryColumns, buildSummarySource } from '../reads/list-builds.ts';
import type { BuildSummary } from '../reads/list-builds.ts';
import { readableJobsets, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';

const conditions = {
  queued: `b.finished = 0 and not exists (select 1 from buildsteps s where s.build = b.id and s.busy != 0)`,
  running: `b.finished = 0 and b.id in (select s.build from buildsteps s where s.busy != 0)`,
  succeeded: `b.finished = 1 and b.buildstatus = 0`,
  failed: `b.finished = 1 and b.buildstatus <> 0`,
  any: 'true',
} as const;

export type BuildGroup = Exclude<keyof typeof conditions, 'any'>;

/** One statement a state, so that each can be planned over the index that serves it. */
export const listReadableBuildsStatements = {
  queued: statementFor('queued'),
  running: statementFor('running'),
  succeeded: statementFor('succeeded'),
  failed: statementFor('failed'),
  any: statementFor('any'),
} as const;

/** The page is found first, by narrow rows; only then is anything looked up for its builds. */
function statementFor(state: keyof typeof conditions): string {
  return `
    with page as (
      select b.id from builds b
      where ${conditions[state]} and b.jobset_id = any(${readableJobsets(1, 2, 3)})
        and ($4::bigint is null or b.id < $4)
        and ($5::text is null or strpos(lower(b.job), lower($5)) > 0 or strpos(lower(b.nixname), lower($5)) > 0)
      order by b.id desc limit $6)
    select ${buildSummaryColumns} from ${buildSummarySource}
    where b.id = any(array(select id from page)) order by b.id desc`;
}

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
