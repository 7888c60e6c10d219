import type { BuildId } from '../../farm/identity.ts';
import type { Transaction } from '../connection/connection.ts';
import { together } from '../connection/together.ts';

/** What a successful build has to show. Paths with the store directory. */
export type BuildResults = {
  readonly build: BuildId;
  readonly outputs: ReadonlyMap<string, string>;
  readonly products: readonly Product[];
  readonly metrics: readonly Metric[];
};

type Product = {
  readonly type: string;
  readonly subtype: string;
  readonly path: string;
  readonly name: string;
  readonly defaultPath: string;
  readonly fileSize: number | null;
  readonly sha256: string | null;
};

type Metric = { readonly name: string; readonly unit: string | null; readonly value: number };

export const setBuildOutputsStatement = `
  insert into buildoutputs (build, name, path) select * from unnest($1::int[], $2::text[], $3::text[])
  on conflict (build, name) do update set path = excluded.path`;

export const deleteBuildProductsStatement = `delete from buildproducts where build = any($1::int[])`;
export const deleteBuildMetricsStatement = `delete from buildmetrics where build = any($1::int[])`;

// What stands in an index may have some 2,700 bytes. Builders are not to be trusted with that: a transaction that failed on
// it would take the results of others along, again and again.
const indexedCharactersMax = 255;

/** Numbered from 1 in the order of the file. */
export const insertBuildProductsStatement = `
  insert into buildproducts (build, productnr, type, subtype, path, name, defaultpath, filesize, sha256hash)
  select * from unnest(
    $1::int[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[])`;

/**
 * The names of project, jobset and job, and the time, are the build's own: charts are drawn without joins. Of several with
 * one name the last one counts.
 */
export const insertBuildMetricsStatement = `
  insert into buildmetrics (build, name, unit, value, project, jobset, job, timestamp)
  select distinct on (n.build, n.name) n.build, n.name, n.unit, n.value, j.project, j.name, b.job, b.timestamp
  from unnest($1::int[], $2::text[], $3::text[], $4::float8[])
    with ordinality as n (build, name, unit, value, position)
  join builds b on b.id = n.build join jobsets j on j.id = b.jobset_id
  order by n.build, n.name, n.position desc`;

/** Outputs, products and metrics of builds; what an earlier life of a build had is replaced. */
export async function replaceBuildResults(
  transaction: Transaction,
  results: readonly BuildResults[],
): Promise<void> {
  if (results.length === 0) return;
  const builds = results.map(({ build }) => build);
  const outputs = results.flatMap(({ build, outputs }) =>
    [...outputs].map(([name, path]) => ({ build, name, path })),
  );
  await together([
    transaction.query(deleteBuildProductsStatement, [builds]),
    transaction.query(deleteBuildMetricsStatement, [builds]),
    transaction.query(setBuildOutputsStatement, [
      outputs.map(({ build }) => build),
      outputs.map(({ name }) => name),
      outputs.map(({ path }) => path),
    ]),
    insertProducts(transaction, results),
    insertMetrics(transaction, results),
  ]);
}

async function insertProducts(
  transaction: Transaction,
  results: readonly BuildResults[],
): Promise<void> {
  const rows = results.flatMap(({ build, products }) =>
    products.map((product, index) => ({ build, number: index + 1, ...product })),
  );
  if (rows.length === 0) return;
  await transaction.query(insertBuildProductsStatement, [
    rows.map(({ build }) => build),
    rows.map(({ number }) => number),
    rows.map(({ type }) => type.slice(0, indexedCharactersMax)),
    rows.map(({ subtype }) => subtype),
    rows.map(({ path }) => path),
    rows.map(({ name }) => name),
    rows.map(({ defaultPath }) => defaultPath),
    rows.map(({ fileSize }) => fileSize),
    rows.map(({ sha256 }) => sha256),
  ]);
}

async function insertMetrics(
  transaction: Transaction,
  results: readonly BuildResults[],
): Promise<void> {
  const rows = results.flatMap(({ build, metrics }) =>
    metrics.map((metric) => ({ build, ...metric })),
  );
  if (rows.length === 0) return;
  await transaction.query(insertBuildMetricsStatement, [
    rows.map(({ build }) => build),
    rows.map(({ name }) => name.slice(0, indexedCharactersMax)),
    rows.map(({ unit }) => unit),
    rows.map(({ value }) => value),
  ]);
}
