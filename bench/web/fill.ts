import type { Database } from '../../packages/iolaus/src/database/connection/connection.ts';

/** How much is in a database. */
export type Size = {
  readonly builds: number;
  readonly stepsPerBuild: number;
};

/** Jobsets, each a tenth smaller in its share of the builds than the one before. */
const jobsets = 20;
const jobsPerJobset = 2_000;
const buildsPerEvaluation = 1_000;
const machines = 100;
// A day in September 2025, in seconds since the epoch; a build is queued every ten seconds from then on.
const epoch = 1_757_000_000;

/**
 * Fills a database of Hydra's with what a farm leaves behind in years, the same at every time: nearly all builds are finished,
 * one in twelve failed; of the newest some run and the rest wait. Indexes are made when the rows are there.
 */
export async function fillDatabase(database: Database, size: Size): Promise<void> {
  for (const statement of statementsFor(size)) await database.query(statement);
}

function statementsFor({ builds, stepsPerBuild }: Size): string[] {
  const unfinished = Math.ceil(builds / 100);
  const busy = Math.min(200, unfinished);
  const finished = `n <= ${builds - unfinished}`;
  const status = 'case when n % 12 <> 0 then 0 when n % 5 = 0 then 2 else 1 end';
  const drv = (number: string): string =>
    `'/nix/store/' || md5('d' || ${number}) || '-package-' || ${number} % 5000 || '-1.' || ${number} % 7 || '.drv'`;
  return [
    'alter table builds disable trigger user',
    'alter table buildsteps disable trigger user',
    'alter table jobsetevals disable trigger user',
    ...dropIndexes,
    `insert into users (username, emailaddress, password) values ('bench', '', '!')`,
    `insert into projects (name, displayname, owner, hidden)
     select 'project' || n, 'Project ' || n, 'bench', case when n = 4 then 1 else 0 end from generate_series(0, 4) n`,
    `insert into jobsets (name, project, emailoverride, type, flake) select 'jobset' || n, 'project' || n % 5, '', 1, 'flake' from generate_series(1, ${jobsets}) n`,
    `insert into builds (finished, timestamp, jobset_id, job, nixname, drvpath, system, buildstatus, starttime, stoptime,
       iscurrent, priority, size, closuresize)
     select (${finished})::int, ${epoch} + n * 10, 1 + floor(${jobsets} * power(n::bigint * 7919 % 10007 / 10007.0, 2))::int,
       'package-' || n % ${jobsPerJobset} || '.x86_64-linux', 'package-' || n % ${jobsPerJobset} || '-1.' || n % 7, ${drv('n')},
       case when n % 4 = 0 then 'aarch64-linux' else 'x86_64-linux' end,
       case when ${finished} then ${status} end, case when ${finished} then ${epoch} + n * 10 + 60 end,
       case when ${finished} then ${epoch} + n * 10 + 60 + n % 3600 end, (n > ${builds} - ${jobsets * jobsPerJobset})::int, 100,
       n % 1000000, n % 100000000
     from generate_series(1, ${builds}) n`,
    `insert into jobsetevals (jobset_id, timestamp, checkouttime, evaltime, hasnewbuilds, hash)
     select 1 + n % ${jobsets}, ${epoch} + n * ${buildsPerEvaluation * 10}, 1, 60, 1, n::text
     from generate_series(1, ${Math.ceil(builds / buildsPerEvaluation)}) n`,
    `insert into jobsetevalmembers (eval, build, isnew)
     select 1 + (n - 1) / ${buildsPerEvaluation}, n, 1 from generate_series(1, ${builds}) n`,
    `insert into buildsteps (build, stepnr, type, drvpath, busy, status, starttime, stoptime, machine, system)
     select n, k, 0, ${drv(`(n::bigint * ${stepsPerBuild} + k)`)}, 0, case when k = 1 then ${status} else 0 end,
       ${epoch} + n * 10 + 60, ${epoch} + n * 10 + 60 + (n * k) % 3600, 'builder' || (n + k) % ${machines}, 'x86_64-linux'
     from generate_series(1, ${builds - unfinished}) n, generate_series(1, ${stepsPerBuild}) k`,
    `insert into buildsteps (build, stepnr, type, drvpath, busy, starttime, machine, system)
     select n, 1, 0, ${drv(`(n::bigint * ${stepsPerBuild})`)}, 40, ${epoch} + n * 10, 'builder' || n % ${machines}, 'x86_64-linux'
     from generate_series(${builds - busy + 1}, ${builds}) n`,
    ...makeIndexes,
    'alter table builds enable trigger user',
    'alter table buildsteps enable trigger user',
    'alter table jobsetevals enable trigger user',
    'vacuum analyze',
  ];
}

const heavyTables = `'builds', 'buildsteps', 'jobsetevalmembers'`;

/** What is dropped is written down, to be made again as it was. */
const dropIndexes = [
  `create temporary table dropped as
   select indexname, indexdef from pg_indexes i where schemaname = current_schema() and tablename in (${heavyTables})
     and not exists (select from pg_constraint c where c.conname = i.indexname)`,
  `do $$ declare one record; begin
     for one in select indexname from dropped loop execute 'drop index ' || quote_ident(one.indexname); end loop; end $$`,
];

const makeIndexes = [
  `do $$ declare one record; begin for one in select indexdef from dropped loop execute one.indexdef; end loop; end $$`,
];
