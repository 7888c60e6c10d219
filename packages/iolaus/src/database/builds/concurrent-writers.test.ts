import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildId, JobsetId } from '../../farm/identity.ts';
import { cancelBuilds } from './cancel-builds.ts';
import type { Database } from '../connection/connection.ts';
import { insertBusySteps } from '../steps/insert-busy-steps.ts';
import { readUnfinishedPriorities } from './read-unfinished-builds.ts';
import { recordEvaluation } from '../evaluations/record-evaluation.ts';
import { testDatabase } from '../testing.ts';
import {
  addJobset,
  busyStep,
  evaluationOf,
  finish,
  finishedBuild,
  jobNamed,
  someTime,
} from '../testing-farm.ts';

const evaluations = 6;
const jobsInEach = 150;

/** Half of the evaluator's jobs are new each time, the others those of its evaluation before. */
async function evaluate(database: Database, evaluator: string, jobset: JobsetId): Promise<void> {
  for (let round = 0; round < evaluations; round += 1) {
    const names = Array.from(
      { length: jobsInEach },
      (_, index) => `${evaluator}-${index}-${index % 2 === 0 ? 0 : round}`,
    );
    await database.transaction((transaction) =>
      recordEvaluation(transaction, evaluationOf(jobset, names.map(jobNamed))),
    );
  }
}

/** Begins and ends what is queued, in turn in the one and in the other order, until somebody says so. */
async function work(database: Database, signal: AbortSignal): Promise<BuildId[]> {
  const finished: BuildId[] = [];
  for (let turn = 0; !signal.aborted; turn += 1) {
    const queued = (await readUnfinishedPriorities(database)).map(({ id }) => id);
    const builds = (turn % 2 === 0 ? queued : queued.toReversed()).slice(0, 40);
    await database.transaction((transaction) =>
      insertBusySteps(
        transaction,
        builds.map((build) => busyStep(build, `step-of-${build}`)),
      ),
    );
    const ends = builds.map((build) => finishedBuild(build));
    finished.push(...(await finish(database, ends)));
    const [last] = queued.slice(-1);
    if (last !== undefined) await cancelBuilds(database, [last], someTime);
  }
  return finished;
}

test('two evaluators of two jobsets each and a runner write at once: nobody is in the way of another, and no row is lost', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobsets = [
    await addJobset(database, 'one', 'main'),
    await addJobset(database, 'two', 'main'),
  ];
  const over = new AbortController();
  const working = work(database, over.signal);
  const evaluating = ['first', 'second'].flatMap((evaluator) =>
    jobsets.map((jobset) => evaluate(database, evaluator, jobset)),
  );
  const recorded = Promise.all(evaluating).finally(() => over.abort());
  const [finished] = await Promise.all([working, recorded]);
  assert.ok(finished.length > 0);
  assert.equal(new Set(finished).size, finished.length, 'each build has finished once');

  const members = await database.query<{ count: number }>(
    'select count(*)::int4 as count from jobsetevalmembers group by eval',
  );
  assert.equal(members.length, 4 * evaluations);
  assert.deepEqual(new Set(members.map(({ count }) => count)), new Set([jobsInEach]));
  const [deadlocks] = await database.query<{ count: number }>(
    'select deadlocks::int4 as count from pg_stat_database where datname = current_database()',
  );
  assert.equal(deadlocks?.count, 0);
});
