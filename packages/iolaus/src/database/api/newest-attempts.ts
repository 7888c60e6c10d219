import type { Queryable } from '../connection/connection.ts';
import { stepColumns } from '../reads/step-row.ts';
import type { StepRow } from '../reads/step-row.ts';
import { readableJobsets, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';

export const newestAttemptsStatement = `
  select distinct on (s.drvpath) ${stepColumns}
  from buildsteps s join builds b on b.id = s.build
  where s.drvpath = any($4::text[]) and s.type = 0 and s.starttime is not null
    and b.jobset_id = any(${readableJobsets(1, 2, 3)})
    and (s.build = $5 or s.busy != 0 or s.stoptime >= (select own.timestamp from builds own where own.id = $5))
  order by s.drvpath, s.busy desc, s.stoptime desc, s.build desc, s.stepnr desc`;

/** The newest attempt at each derivation (with the store directory) that may have been made for a build. */
export const newestAttempts = (
  database: Queryable,
  reader: Reader,
  build: number,
  derivations: readonly string[],
): Promise<StepRow[]> =>
  database.query(newestAttemptsStatement, [
    readerParameter(reader),
    null,
    null,
    derivations,
    build,
  ]);
