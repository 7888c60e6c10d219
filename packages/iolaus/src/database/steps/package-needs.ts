import type { PackageNeeds } from '../../farm/prediction/package-needs.ts';
import type { Queryable, Transaction } from '../connection/connection.ts';

/** With its estimates spread out, a column a number. */
type Row = {
  readonly package: string;
  readonly system: string;
  readonly coresWeight: number | null;
  readonly coresMean: number | null;
  readonly coresVariance: number | null;
  readonly memoryWeight: number | null;
  readonly memoryMean: number | null;
  readonly memoryVariance: number | null;
};

export const savePackageNeedsStatement = `
  insert into iolaus.needs (package, system, coresweight, coresmean, coresvariance, memoryweight, memorymean, memoryvariance)
  select * from unnest($1::text[], $2::text[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::float8[])
  on conflict (package, system) do update set
    coresweight = excluded.coresweight, coresmean = excluded.coresmean, coresvariance = excluded.coresvariance,
    memoryweight = excluded.memoryweight, memorymean = excluded.memorymean, memoryvariance = excluded.memoryvariance`;

/** One of a package and system at most. */
export async function savePackageNeeds(
  transaction: Transaction,
  needs: readonly PackageNeeds[],
): Promise<void> {
  if (needs.length === 0) return;
  await transaction.query(savePackageNeedsStatement, [
    needs.map((need) => need.package),
    needs.map(({ system }) => system),
    needs.map(({ cores }) => cores?.weight ?? null),
    needs.map(({ cores }) => cores?.mean ?? null),
    needs.map(({ cores }) => cores?.variance ?? null),
    needs.map(({ memory }) => memory?.weight ?? null),
    needs.map(({ memory }) => memory?.mean ?? null),
    needs.map(({ memory }) => memory?.variance ?? null),
  ]);
}

export const readPackageNeedsStatement = `
  select package, system, coresweight as "coresWeight", coresmean as "coresMean", coresvariance as "coresVariance",
    memoryweight as "memoryWeight", memorymean as "memoryMean", memoryvariance as "memoryVariance"
  from iolaus.needs`;

/** All that earlier runners have learned: a row a package and system. */
export async function readPackageNeeds(database: Queryable): Promise<PackageNeeds[]> {
  const rows = await database.query<Row>(readPackageNeedsStatement);
  return rows.map((row) => ({
    package: row.package,
    system: row.system,
    cores: estimate(row.coresWeight, row.coresMean, row.coresVariance),
    memory: estimate(row.memoryWeight, row.memoryMean, row.memoryVariance),
  }));
}

function estimate(
  weight: number | null,
  mean: number | null,
  variance: number | null,
): PackageNeeds['cores'] {
  return weight === null || mean === null || variance === null ? null : { weight, mean, variance };
}
