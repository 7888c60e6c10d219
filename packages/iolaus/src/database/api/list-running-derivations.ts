import type { Queryable } from '../connection/connection.ts';
import { readableJobsets, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';

export const listRunningDerivationsStatement = `
  select distinct substring(s.drvpath from '[^/]*$') as "derivation"
  from buildsteps s join builds b on b.id = s.build
  where s.busy != 0 and b.jobset_id = any(${readableJobsets(1, 2, 3)})`;

/** Base names of what is under way for builds that a reader may see. */
export async function listRunningDerivations(
  database: Queryable,
  reader: Reader,
): Promise<string[]> {
  const rows = await database.query<{ derivation: string }>(listRunningDerivationsStatement, [
    readerParameter(reader),
    null,
    null,
  ]);
  return rows.map(({ derivation }) => derivation);
}
