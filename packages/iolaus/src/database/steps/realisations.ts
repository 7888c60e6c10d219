import { derivationPath, parseBaseName } from '@iolaus/nix';
import type { DerivationPath, StorePath } from '@iolaus/nix';
import type { Queryable, Transaction } from '../connection/connection.ts';

/** What is remembered of a derivation whose outputs only a build can tell. */
export type KnownRealisation = {
  readonly derivation: DerivationPath;
  /** Null for one that needs no resolution. */
  readonly resolved: DerivationPath | null;
  /** As far as they are known; those of what it was resolved into are its own. */
  readonly outputs: ReadonlyMap<string, StorePath>;
};

export const saveResolutionsStatement = `
  insert into iolaus.resolutions (derivation, resolved)
  select * from unnest($1::text[], $2::text[])
  on conflict (derivation) do update set resolved = excluded.resolved`;

export async function saveResolutions(
  transaction: Transaction,
  resolutions: ReadonlyMap<DerivationPath, DerivationPath>,
): Promise<void> {
  if (resolutions.size === 0) return;
  await transaction.query(saveResolutionsStatement, [
    [...resolutions.keys()],
    [...resolutions.values()],
  ]);
}

export const saveRealisationsStatement = `
  insert into iolaus.realisations (derivation, output, path)
  select * from unnest($1::text[], $2::text[], $3::text[])
  on conflict (derivation, output) do update set path = excluded.path`;

export async function saveRealisations(
  transaction: Transaction,
  realisations: ReadonlyMap<DerivationPath, ReadonlyMap<string, StorePath>>,
): Promise<void> {
  const rows = [...realisations].flatMap(([derivation, outputs]) =>
    [...outputs].map(([output, path]) => ({ derivation, output, path })),
  );
  if (rows.length === 0) return;
  await transaction.query(saveRealisationsStatement, [
    rows.map(({ derivation }) => derivation),
    rows.map(({ output }) => output),
    rows.map(({ path }) => path),
  ]);
}

export const readRealisationsStatement = `
  select asked.derivation, r.resolved, o.output, o.path
  from unnest($1::text[]) as asked (derivation)
  left join iolaus.resolutions r on r.derivation = asked.derivation
  left join iolaus.realisations o on o.derivation = coalesce(r.resolved, asked.derivation)
  where r.resolved is not null or o.path is not null`;

type Row = {
  readonly derivation: string;
  readonly resolved: string | null;
  readonly output: string | null;
  readonly path: string | null;
};

/** Nothing is returned of derivations of which nothing is known. */
export async function readRealisations(
  database: Queryable,
  derivations: readonly DerivationPath[],
): Promise<KnownRealisation[]> {
  if (derivations.length === 0) return [];
  const rows = await database.query<Row>(readRealisationsStatement, [derivations]);
  const grouped = Map.groupBy(rows, ({ derivation }) => derivation);
  return [...grouped].map(([derivation, ofOne]) => ({
    derivation: derivationPath(derivation),
    resolved: parseOrNull(ofOne[0]?.resolved ?? null),
    outputs: new Map(
      ofOne.flatMap(({ output, path }): [string, StorePath][] =>
        output === null || path === null ? [] : [[output, parseBaseName(path)]],
      ),
    ),
  }));
}

const parseOrNull = (path: string | null): DerivationPath | null =>
  path === null ? null : derivationPath(path);
