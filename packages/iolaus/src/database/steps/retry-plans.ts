import { derivationPath } from '@iolaus/nix';
import type { DerivationPath } from '@iolaus/nix';
import type { RetryPlan } from '../../farm/attempts/retry-plan.ts';
import type { Queryable, Transaction } from '../connection/connection.ts';

export const saveRetryPlansStatement = `
  insert into iolaus.retries (derivation, tries, losses, restsuntil)
  select * from unnest($1::text[], $2::int[], $3::int[], $4::bigint[])
  on conflict (derivation) do update
    set tries = excluded.tries, losses = excluded.losses, restsuntil = excluded.restsuntil`;

export async function saveRetryPlans(
  transaction: Transaction,
  plans: ReadonlyMap<DerivationPath, RetryPlan>,
): Promise<void> {
  if (plans.size === 0) return;
  await transaction.query(saveRetryPlansStatement, [
    [...plans.keys()],
    [...plans.values()].map(({ tries }) => tries),
    [...plans.values()].map(({ losses }) => losses),
    [...plans.values()].map(({ restsUntil }) => restsUntil),
  ]);
}

export const deleteRetryPlansStatement = `delete from iolaus.retries where derivation = any($1::text[])`;

export async function deleteRetryPlans(
  database: Queryable,
  derivations: readonly DerivationPath[],
): Promise<void> {
  if (derivations.length > 0) await database.query(deleteRetryPlansStatement, [derivations]);
}

export const readRetryPlansStatement = `
  select derivation, tries, losses, restsuntil as "restsUntil" from iolaus.retries`;

/** Of steps that were tried in vain and have not ended. */
export async function readRetryPlans(database: Queryable): Promise<Map<DerivationPath, RetryPlan>> {
  const rows = await database.query<RetryPlan & { readonly derivation: string }>(
    readRetryPlansStatement,
  );
  return new Map(rows.map(({ derivation, ...plan }) => [derivationPath(derivation), plan]));
}
