import type { Queryable } from '../../../database/connection/connection.ts';
import { readListedJobsets } from '../../../database/evaluations/read-listed-jobsets.ts';
import type { JobsetId } from '../../../farm/identity.ts';

/** Whether what these jobsets need, and no others, goes to the overflow store. */
export type WantsOverflow = (jobsets: readonly JobsetId[]) => boolean;

/** Reads what has to be known to tell it of any of these jobsets. */
export type OverflowRule = (
  database: Queryable,
  jobsets: readonly JobsetId[],
) => Promise<WantsOverflow>;

/** For a farm without an overflow store. */
export const noOverflow: OverflowRule = async () => () => false;

/**
 * Hydra's rule: whatever somebody needs and only listed jobsets do. By their names as they are now, which people change.
 * @param listed asked each time; null: there is no overflow store
 */
export function openOverflowRule(listed: () => readonly string[] | null): OverflowRule {
  return async (database, jobsets) => {
    const names = listed();
    if (names === null || names.length === 0 || jobsets.length === 0) return () => false;
    const found = await readListedJobsets(database, [...new Set(jobsets)], names);
    return (needing) => needing.length > 0 && needing.every((jobset) => found.has(jobset));
  };
}
