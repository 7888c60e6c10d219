import type { BuildId } from '../../farm/identity.ts';
import type { Queryable, Transaction } from '../connection/connection.ts';

// What we wrote counts for its time; what others wrote, until somebody deletes it.
export const readFailedPathsStatement = `
  select f.path from failedpaths f left join iolaus.failedpaths o on o.path = f.path
  where f.path = any($1::text[]) and coalesce(o.expires > extract(epoch from now()), true)`;

/** Which of the paths could not be built before, and are not to be tried again yet. */
export async function readFailedPaths(
  database: Queryable,
  paths: readonly string[],
): Promise<Set<string>> {
  const rows = await database.query<{ path: string }>(readFailedPathsStatement, [paths]);
  return new Set(rows.map(({ path }) => path));
}

/** So that Hydra's own programs, which know of no time, do not go by them either. */
export const deleteExpiredFailuresStatement = `
  with expired as (
    delete from iolaus.failedpaths where expires <= extract(epoch from now()) returning path
  )
  delete from failedpaths f using expired where f.path = expired.path`;

export const insertFailedPathsStatement = `
  insert into failedpaths (path) select * from unnest($1::text[]) on conflict do nothing`;

export const saveExpiriesStatement = `
  insert into iolaus.failedpaths (path, expires) select path, $2::bigint from unnest($1::text[]) as n (path)
  on conflict (path) do update set expires = excluded.expires`;

/** The paths are not to be tried until then, in seconds since the epoch. */
export async function rememberFailures(
  transaction: Transaction,
  paths: readonly string[],
  expires: number,
): Promise<void> {
  if (paths.length === 0) return;
  await transaction.query(deleteExpiredFailuresStatement);
  await transaction.query(insertFailedPathsStatement, [paths]);
  await transaction.query(saveExpiriesStatement, [paths, expires]);
}

/** What stands in the table of an output whose path only a build could have told is its name. */
const outputName = "coalesce(o.path, s.drvpath || '!' || o.name)";

/** Which failures somebody wants tried again. */
export type ForgottenFailures =
  | { readonly type: 'all' }
  | { readonly type: 'of-paths'; readonly paths: readonly string[] }
  /** What stood in the way of these builds; or of those of them that were finished and are queued again. */
  | { readonly type: 'of-builds' | 'of-restarted'; readonly builds: readonly BuildId[] };

export const forgetFailuresStatements: {
  readonly [Type in ForgottenFailures['type']]: string;
} = {
  all: 'delete from failedpaths returning path',
  'of-paths': 'delete from failedpaths where path = any($1::text[]) returning path',
  'of-builds': `
    delete from failedpaths where path in (
      select path from buildoutputs where build = any($1::int[])
      union all select ${outputName} from buildsteps s
      join buildstepoutputs o on o.build = s.build and o.stepnr = s.stepnr where s.build = any($1::int[])
    ) returning path`,
  'of-restarted': `
    with restarted as (
      select id from builds where id = any($1::int[]) and finished = 0 and stoptime is not null
    )
    delete from failedpaths where path in (
      select o.path from buildoutputs o join restarted r on r.id = o.build
      union all select ${outputName} from buildsteps s join restarted r on r.id = s.build
      join buildstepoutputs o on o.build = s.build and o.stepnr = s.stepnr
    ) returning path`,
};

/** Returns how many paths may be tried again. */
export async function forgetFailures(
  database: Queryable,
  which: ForgottenFailures,
): Promise<number> {
  const parameters =
    which.type === 'all' ? [] : [which.type === 'of-paths' ? which.paths : which.builds];
  const rows = await database.query(forgetFailuresStatements[which.type], parameters);
  return rows.length;
}

// Statuses 1 and 12: failed, not deterministic.
export const readFirstFailuresStatement = `
  with tried as (
    select o.path, o.build, o.stepnr from buildstepoutputs o where o.path = any($1::text[])
    union all
    select s.drvpath || '!' || o.name, s.build, s.stepnr from buildsteps s
    join buildstepoutputs o on o.build = s.build and o.stepnr = s.stepnr
    where s.drvpath = any(select split_part(name, '!', 1) from unnest($1::text[]) as names (name)) and o.path is null
  )
  select t.path, max(t.build) as "build" from tried t
  join buildsteps s on s.build = t.build and s.stepnr = t.stepnr
  where s.status in (1, 12) and s.starttime is not null and s.stoptime is not null
  group by t.path`;

/** The last builds in which attempts at these paths, or names of outputs, failed. */
export async function readFirstFailures(
  database: Queryable,
  paths: readonly string[],
): Promise<Map<string, BuildId>> {
  if (paths.length === 0) return new Map();
  const rows = await database.query<{ path: string; build: BuildId }>(readFirstFailuresStatement, [
    paths,
  ]);
  return new Map(rows.map(({ path, build }) => [path, build]));
}
