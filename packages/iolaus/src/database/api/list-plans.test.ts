import assert from 'node:assert/strict';
import test from 'node:test';
import type { Database } from '../connection/connection.ts';
import type { Parameter } from '../connection/statement.ts';
import { listMissingIndexes, makeOwnIndexes } from '../schema/own-indexes.ts';
import { testDatabase } from '../testing.ts';
import { countDifferencesStatement, listDifferencesStatement } from './compare-evaluations.ts';
import { countQueuesStatement } from './count-queues.ts';
import { findStorePathsStatement } from './find-store-paths.ts';
import { firstBadStatement, lastGoodStatement } from './job-turns.ts';
import { listMembersStatement, listReadableBuildsStatements } from './list-builds.ts';
import { listReadableEvaluationsStatement } from './list-evaluations.ts';
import { listJobsStatement } from './list-jobs.ts';
import { listJobsetsStatement } from './list-jobsets.ts';
import {
  listAttemptsStatement,
  listBuildStepsStatement,
  listFinishedStepsStatement,
  listRunningStepsStatement,
} from './list-steps.ts';
import { newestAttemptsStatement } from './newest-attempts.ts';

const filling = [
  `insert into users (username, emailaddress, password) values ('u', '', '!')`,
  `insert into projects (name, displayname, owner) values ('p', '', 'u')`,
  `insert into jobsets (name, project, emailoverride, type, flake) select 'j' || n, 'p', '', 1, '' from generate_series(1, 12) n`,
  `insert into builds (finished, timestamp, jobset_id, job, nixname, drvpath, system, buildstatus, starttime, stoptime, iscurrent)
   select (n < 1900)::int, n, 1 + n % 12, 'job' || n % 100, 'job-' || n, n || '.drv', 'x', case when n < 1900 then n % 3 end,
     n, n, (n > 1000)::int from generate_series(1, 2000) n`,
  `insert into jobsetevals (jobset_id, timestamp, checkouttime, evaltime, hasnewbuilds, hash) select n, n, 1, 1, 1, n from generate_series(1, 12) n`,
  `insert into jobsetevalmembers (eval, build, isnew) select 1 + n % 12, n, 1 from generate_series(1, 2000) n`,
  `insert into buildsteps (build, stepnr, type, drvpath, busy, status, starttime, stoptime, machine, system)
   select n, k, 0, n || '.drv', 0, 0, n, n, 'm' || n % 9, 'x' from generate_series(1, 1899) n, generate_series(1, 3) k`,
  'analyze',
];

type Asked = readonly [name: string, statement: string, parameters: readonly Parameter[]];

const page = 51;
const reader = [null, null, null];
const builds = (['few', 'many'] as const).flatMap((scope) =>
  Object.entries(listReadableBuildsStatements[scope]).flatMap(([group, statement]): Asked[] => [
    [`${scope} ${group}`, statement, [[1, 2], null, null, null, page]],
    [`${scope} ${group} before one`, statement, [[1, 2], 700, null, null, page]],
    [`${scope} ${group} called so`, statement, [[1, 2], null, '%job77%', 'job77', page]],
  ]),
);

const lists: readonly Asked[] = [
  ...builds,
  ['builds of an evaluation', listMembersStatement, [3, null, page]],
  ['evaluations', listReadableEvaluationsStatement, [...reader, null, page]],
  ['differences', listDifferencesStatement, [3, 2, 'new', null, null, null, page]],
  ['counts of differences', countDifferencesStatement, [3, 2]],
  ['jobs', listJobsStatement, ['p', 'j3', null, null, null, null, page]],
  ['jobsets', listJobsetsStatement, [null, null, null, null, null, page]],
  ['queues', countQueuesStatement, reader],
  ['last good', lastGoodStatement, [1500]],
  ['first bad', firstBadStatement, [1500, 3]],
  ['steps of a build', listBuildStepsStatement, [7, null, page]],
  ['running steps', listRunningStepsStatement, [...reader, page]],
  ['finished steps', listFinishedStepsStatement, [...reader, 900, 900, 1, page]],
  ['attempts', listAttemptsStatement, [...reader, null, null, null, page, null, 5]],
  ['attempts of a machine', listAttemptsStatement, [...reader, null, null, null, page, 'm3', 5]],
  ['store paths', findStorePathsStatement, [...reader, '/nix/store/abcdef', 20]],
  ['newest attempts', newestAttemptsStatement, [...reader, ['7.drv'], 7]],
];

/** As the server would do it if it had no choice but to use indexes: where there is none, it still goes through the table. */
const planOf = (database: Database, [, statement, parameters]: Asked): Promise<string> =>
  database.transaction(async (transaction) => {
    await transaction.query('set local enable_seqscan = off');
    const rows = await transaction.query<{ 'QUERY PLAN': string }>(
      `explain ${statement}`,
      parameters,
    );
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });

test('every list is answered from indexes', async () => {
  await using made = await testDatabase();
  for (const statement of filling) await made.database.query(statement);
  await makeOwnIndexes(made.database);
  assert.deepEqual(await listMissingIndexes(made.database), []);
  for (const asked of lists) {
    const plan = await planOf(made.database, asked);
    assert.doesNotMatch(plan, /Seq Scan on (builds|buildsteps)/, `${asked[0]}:\n${plan}`);
  }
  const [, searching] = builds.filter(([name]) => name.endsWith('any called so'));
  assert.match(await planOf(made.database, searching ?? assert.fail()), /iolausbuildsnames/);
});

test('an index that was broken off half-way is made again, and none twice', async () => {
  await using made = await testDatabase();
  await makeOwnIndexes(made.database);
  await made.database.query(
    `update pg_index set indisvalid = false where indexrelid = 'iolausbuildsongroup'::regclass`,
  );
  const told: string[] = [];
  await makeOwnIndexes(made.database, ({ type, index }) => told.push(`${type} ${index}`));
  assert.deepEqual(told, ['making iolausbuildsongroup', 'made iolausbuildsongroup']);
});
