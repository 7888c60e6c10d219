import type { Queryable } from '../connection/connection.ts';

// A subquery with a limit is looked up for each by its derivation, however many rows there are.
export const areRecordedStatement = `
  select (
    select true from buildsteps s join buildstepoutputs o on o.build = s.build and o.stepnr = s.stepnr
    where s.drvpath = w.derivation and o.name = w.output and o.path is not null
    limit 1) is not null as "isRecorded"
  from unnest($1::text[], $2::text[]) with ordinality as w (derivation, output, position)
  order by w.position`;

/**
 * Of each of these outputs, whether a step of its derivation tells where it lies: of any build, and however the step ended.
 * Derivations are paths with the store directory.
 */
export async function areRecorded(
  database: Queryable,
  outputs: readonly { readonly derivation: string; readonly output: string }[],
): Promise<boolean[]> {
  if (outputs.length === 0) return [];
  const rows = await database.query<{ isRecorded: boolean }>(areRecordedStatement, [
    outputs.map(({ derivation }) => derivation),
    outputs.map(({ output }) => output),
  ]);
  return rows.map(({ isRecorded }) => isRecorded);
}
