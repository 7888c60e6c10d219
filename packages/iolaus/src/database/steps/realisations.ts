import { derivationPath, parseBaseName } from '@iolaus/nix';
import type { DerivationPath, StorePath } from '@iolaus/nix';
import type { BuildId } from '../../farm/identity.ts';
import type { Queryable, Transaction } from '../connection/connection.ts';

/** What is remembered of a derivation whose outputs only a build can tell. */
export type KnownRealisation = {
  readonly derivation: DerivationPath;
  /** Null for one that needs no resolution. */
  readonly resolved: DerivationPath | null;
  /** As far as they are known; those of what it was resolved into are its own. */
  readonly outputs: ReadonlyMap<string, StorePath>;
  /** For which alone it holds, some of which have not ended; null: for all. */
  readonly builds: readonly BuildId[] | null;
};

/** For which builds alone it holds what a derivation is, and came to. */
export type BuildsOf = (derivation: DerivationPath) => readonly BuildId[] | null;

export const saveResolutionsStatement = `
  insert into iolaus.resolutions (derivation, resolved, builds)
  select derivation, resolved, string_to_array(builds, ' ')::int[]
  from unnest($1::text[], $2::text[], $3::text[]) as n (derivation, resolved, builds)
  on conflict (derivation) do update set resolved = excluded.resolved, builds = excluded.builds`;

export async function saveResolutions(
  transaction: Transaction,
  resolutions: ReadonlyMap<DerivationPath, DerivationPath>,
  buildsOf: BuildsOf,
): Promise<void> {
  if (resolutions.size === 0) return;
  const derivations = [...resolutions.keys()];
  await transaction.query(saveResolutionsStatement, [
    derivations,
    [...resolutions.values()],
    derivations.map((derivation) => printBuilds(buildsOf(derivation))),
  ]);
}

export const saveRealisationsStatement = `
  insert into iolaus.realisations (derivation, output, path, builds)
  select derivation, output, path, string_to_array(builds, ' ')::int[]
  from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as n (derivation, output, path, builds)
  on conflict (derivation, output) do update set path = excluded.path, builds = excluded.builds`;

export async function saveRealisations(
  transaction: Transaction,
  realisations: ReadonlyMap<DerivationPath, ReadonlyMap<string, StorePath>>,
  buildsOf: BuildsOf,
): Promise<void> {
  const rows = [...realisations].flatMap(([derivation, outputs]) =>
    [...outputs].map(([output, path]) => ({ derivation, output, path })),
  );
  if (rows.length === 0) return;
  await transaction.query(saveRealisationsStatement, [
    rows.map(({ derivation }) => derivation),
    rows.map(({ output }) => output),
    rows.map(({ path }) => path),
    rows.map(({ derivation }) => printBuilds(buildsOf(derivation))),
  ]);
}

/** PostgreSQL's arrays are rectangular: each list of builds is one text. */
const printBuilds = (builds: readonly BuildId[] | null): string | null => builds?.join(' ') ?? null;

const holds = (row: string): string =>
  `(${row}.builds is null or exists (select from builds b where b.id = any(${row}.builds) and b.finished = 0))`;

export const readRealisationsStatement = `
  select asked.derivation, r.resolved, o.output, o.path, coalesce(r.builds, o.builds) as builds
  from unnest($1::text[]) as asked (derivation)
  left join iolaus.resolutions r on r.derivation = asked.derivation and ${holds('r')}
  left join iolaus.realisations o on o.derivation = coalesce(r.resolved, asked.derivation) and ${holds('o')}
  where r.resolved is not null or o.path is not null`;

type Row = {
  readonly derivation: string;
  readonly resolved: string | null;
  readonly output: string | null;
  readonly path: string | null;
  readonly builds: readonly BuildId[] | null;
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
    builds: ofOne[0]?.builds ?? null,
    outputs: new Map(
      ofOne.flatMap(({ output, path }): [string, StorePath][] =>
        output === null || path === null ? [] : [[output, parseBaseName(path)]],
      ),
    ),
  }));
}

const parseOrNull = (path: string | null): DerivationPath | null =>
  path === null ? null : derivationPath(path);
