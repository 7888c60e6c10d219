import type { Queryable } from '../connection/connection.ts';

/**
 * Status 3, aborted: nobody works on them any more, and the builds are still queued. Steps that are granted to builders who
 * can come back stay busy.
 */
export const closeBusyStepsStatement = `
  update buildsteps s
  set busy = 0, status = 3, stoptime = $1, errormsg = coalesce(errormsg, 'the runner was restarted')
  where busy != 0 and not exists (
    select 1 from iolaus.grants g where g.build = s.build and g.stepnr = s.stepnr)`;

/** Ends the rows that a runner left busy when it went. `now` in seconds. */
export async function closeBusySteps(database: Queryable, now: number): Promise<void> {
  await database.query(closeBusyStepsStatement, [now]);
}
