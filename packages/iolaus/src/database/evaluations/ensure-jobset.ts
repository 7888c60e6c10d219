import type { JobsetId } from '../../farm/identity.ts';
import type { Transaction } from '../connection/connection.ts';

/** Where builds of a file belong. */
export type JobsetPlace = {
  readonly project: string;
  readonly jobset: string;
  /** The file, for people to recognise it by. */
  readonly description: string;
};

/** Nobody signs in as this user: its password is no hash. */
export const ensureOwnerStatement = `
  insert into users (username, fullname, emailaddress, password) values ('iolaus', 'Iolaus', '', '!')
  on conflict (username) do nothing`;

export const ensureProjectStatement = `
  insert into projects (name, displayname, owner) values ($1, $1, 'iolaus') on conflict (name) do nothing`;

/** Never evaluated by Hydra's own evaluator: it is not enabled, and there is no input to fetch. */
export const ensureJobsetStatement = `
  insert into jobsets (project, name, description, nixexprinput, nixexprpath, emailoverride, enabled, checkinterval)
  values ($1, $2, $3, 'file', 'default.nix', '', 0, 0)
  on conflict (project, name) do update set description = excluded.description
  returning id`;

/** The jobset, made if there is none yet, with its project and its owner. */
export async function ensureJobset(
  transaction: Transaction,
  { project, jobset, description }: JobsetPlace,
): Promise<JobsetId> {
  await transaction.query(ensureOwnerStatement);
  await transaction.query(ensureProjectStatement, [project]);
  const rows = await transaction.query<{ id: JobsetId }>(ensureJobsetStatement, [
    project,
    jobset,
    description,
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error(`the jobset ${project}:${jobset} was not made`);
  return row.id;
}
