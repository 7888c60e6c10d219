import type { Queryable } from '../connection/connection.ts';

export const findUnrecordedStatement = `
  select d.path as derivation from unnest($1::text[]) as d (path)
  where not exists (
    select from buildsteps s join buildstepoutputs o on o.build = s.build and o.stepnr = s.stepnr
    where s.drvpath = d.path and o.path is not null)`;

/** Of which of these derivations no step, of any build, tells where an output lies. Paths with the store directory. */
export async function findUnrecorded(
  database: Queryable,
  derivations: readonly string[],
): Promise<Set<string>> {
  if (derivations.length === 0) return new Set();
  const rows = await database.query<{ derivation: string }>(findUnrecordedStatement, [derivations]);
  return new Set(rows.map(({ derivation }) => derivation));
}
