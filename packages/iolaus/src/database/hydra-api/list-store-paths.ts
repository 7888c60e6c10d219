import type { Queryable } from '../connection/connection.ts';
import { visibleJobsets } from './visible.ts';

/** Of builds whose output is a product, as Hydra has it: what has only other products is not for a channel. */
export const listStorePathsStatement = `
  select distinct o.path as "path"
  from jobsetevalmembers m
    join builds b on b.id = m.build and b.finished = 1 and b.buildstatus = 0
    join ${visibleJobsets} j on j.id = b.jobset_id
    join buildoutputs o on o.build = b.id
  where m.eval = $1 and o.path is not null
    and exists (select from buildproducts r where r.build = b.id and r.type = 'nix-build')
  order by o.path`;

/** The outputs of an evaluation's builds that succeeded, in order. */
export async function listStorePaths(database: Queryable, evaluation: number): Promise<string[]> {
  const rows = await database.query<{ path: string }>(listStorePathsStatement, [evaluation]);
  return rows.map(({ path }) => path);
}
