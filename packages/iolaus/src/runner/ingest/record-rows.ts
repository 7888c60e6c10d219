import { lockBuilds } from '../../database/builds/lock-builds.ts';
import type { Database } from '../../database/connection/connection.ts';
import { insertFinishedSteps } from '../../database/steps/insert-finished-steps.ts';
import type { FinishedStep } from '../../database/steps/insert-finished-steps.ts';

/** All of them or none, but for those of builds that somebody has deleted meanwhile. */
export function recordRows(database: Database, rows: readonly FinishedStep[]): Promise<void> {
  return database.transaction(async (transaction) => {
    const builds = new Set(rows.map(({ build }) => build));
    const present = await lockBuilds(transaction, [...builds]);
    await insertFinishedSteps(
      transaction,
      rows.filter(({ build }) => present.has(build)),
    );
  });
}
