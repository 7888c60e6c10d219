import type { Queryable } from '../connection/connection.ts';
import { buildSummaryColumns, buildSummarySource } from '../reads/build-summary.ts';
import type { BuildSummary } from '../reads/build-summary.ts';
import { buildGroupOf, buildNamesOf } from '../schema/indexed-expressions.ts';
import { namePattern, sampleNames } from './name-pattern.ts';

const busyBuilds = 'select s.build from buildsteps s where s.busy != 0';

/** What makes a build `b` one of a group; by the first half it is found in an index of ours, by the second in one of Hydra's. */
const conditions = {
  queued: `${buildGroupOf('b.')} = 0 and b.finished = 0 and b.id not in (${busyBuilds})`,
  // They are few: looked up, and then chosen from.
  running: `b.finished = 0 and b.id = any(array(${busyBuilds}))`,
  succeeded: `${buildGroupOf('b.')} = 1`,
  failed: `${buildGroupOf('b.')} = 2`,
  any: 'true',
} as const;

type Condition = keyof typeof conditions;

export type BuildGroup = Exclude<Condition, 'any'>;

/** Rows of builds `b` that are asked for: those before $2, whose names are like $3 and have $4 in them, $5 of them. */
const rowsWhere = (condition: string): string => `
  ${condition} and ($2::bigint is null or b.id < $2)
    and ($3::text is null or ${buildNamesOf('b.')} like $3 and strpos(${buildNamesOf('b.')}, $4) > 0)
  order by b.id desc limit $5`;

/** Of few jobsets ($1) each has a page looked for in an index; of many the builds are gone through, and those of others left out. */
const pages = {
  few: (condition: string) => `
    select chosen.id from unnest($1::int4[]) jobset cross join lateral (
      select b.id from builds b where b.jobset_id = jobset and ${rowsWhere(condition)}) chosen
    order by chosen.id desc limit $5`,
  many: (condition: string) => `
    select b.id from builds b where b.jobset_id = any($1::int4[]) and ${rowsWhere(condition)}`,
} as const;

/** The page is found first, by narrow rows; only then is anything looked up for its builds. */
const statementFor = (page: string): string => `
  select ${buildSummaryColumns} from ${buildSummarySource}
  where b.id = any(array(${page})) order by b.id desc`;

const statementsFor = (
  pageOf: (condition: string) => string,
): Readonly<Record<Condition, string>> => ({
  queued: statementFor(pageOf(conditions.queued)),
  running: statementFor(pageOf(conditions.running)),
  succeeded: statementFor(pageOf(conditions.succeeded)),
  failed: statementFor(pageOf(conditions.failed)),
  any: statementFor(pageOf(conditions.any)),
});

export const listReadableBuildsStatements = {
  few: statementsFor(pages.few),
  many: statementsFor(pages.many),
};

// A page of each is read to have one of all: of more jobsets it is quicker to go through the newest builds.
const fewJobsets = 8;

/** Newest first, those before `before`. */
export async function listReadableBuilds(
  database: Queryable,
  filter: {
    /** Ids of those that are asked for, and the reader may see. */
    readonly jobsets: readonly number[];
    readonly state: BuildGroup | undefined;
    readonly before: number | null;
    readonly search: string | null;
    readonly limit: number;
  },
): Promise<BuildSummary[]> {
  const { jobsets, state, before, search, limit } = filter;
  const statements = listReadableBuildsStatements[jobsets.length > fewJobsets ? 'many' : 'few'];
  const pattern = search === null ? null : namePattern(search, await sampleNames(database));
  return database.query(statements[state ?? 'any'], [
    jobsets,
    before,
    pattern?.like ?? null,
    pattern?.text ?? null,
    limit,
  ]);
}

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
