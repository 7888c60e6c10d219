import type { Queryable } from '../connection/connection.ts';

/** A step that succeeded some time ago. Its path is stored with the store directory. */
export type PastStep = {
  readonly derivation: string;
  readonly system: string;
  readonly seconds: number;
};

// Hydra has an index on `stopTime` for rows with both times, so the last ones are found at once.
export const readStepHistoryStatement = `
  select s.drvpath as "derivation", s.system, s.stoptime - s.starttime as "seconds" from buildsteps s
  where s.starttime is not null and s.stoptime is not null and s.type = 0 and s.status = 0
    and s.drvpath is not null and s.system is not null
  order by s.stoptime desc limit $1`;

/** The last steps that succeeded, the newest first. */
export async function readStepHistory(database: Queryable, count: number): Promise<PastStep[]> {
  return database.query<PastStep>(readStepHistoryStatement, [count]);
}
