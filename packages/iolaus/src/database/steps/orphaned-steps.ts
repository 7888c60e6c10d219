import type { BuildId } from '../../farm/identity.ts';
import type { Queryable, Transaction } from '../connection/connection.ts';

/** A row of `BuildSteps`, by its key. */
export type StepKey = { readonly build: BuildId; readonly stepNumber: number };

/** Steps that are granted to builders who can come back are theirs. Hydra's index of busy rows has little else in it. */
export const readUngrantedStepsStatement = `
  select s.build, s.stepnr as "stepNumber" from buildsteps s
  where s.busy != 0 and not exists (
    select 1 from iolaus.grants g where g.build = s.build and g.stepnr = s.stepnr)
  order by s.build, s.stepnr`;

/** The rows that are busy without a grant: those of builders that cannot come back, and those that nobody works on. */
export const readUngrantedSteps = (database: Queryable): Promise<StepKey[]> =>
  database.query<StepKey>(readUngrantedStepsStatement);

/** Status 3, aborted: their builds are still queued. */
export const closeOrphanedStepsStatement = `
  update buildsteps s set busy = 0, status = 3, stoptime = $3, errormsg = coalesce(errormsg, $4)
  from unnest($1::int[], $2::int[]) as o (build, stepnr)
  where s.build = o.build and s.stepnr = o.stepnr and s.busy != 0
  returning 1`;

/** Ends rows that nobody works on, and tells nobody, as Hydra does. Returns how many; `now` in seconds. */
export async function closeOrphanedSteps(
  transaction: Transaction,
  orphans: readonly StepKey[],
  { now, message }: { readonly now: number; readonly message: string },
): Promise<number> {
  const closed = await transaction.query(closeOrphanedStepsStatement, [
    orphans.map(({ build }) => build),
    orphans.map(({ stepNumber }) => stepNumber),
    now,
    message,
  ]);
  return closed.length;
}
