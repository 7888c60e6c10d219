import type { AttemptNumber, BuildId, BuilderId } from '../../farm/identity.ts';
import type { Queryable, Transaction } from '../connection/connection.ts';

/** The right of a builder to carry out an attempt, also for the runner that comes after this one. */
export type Grant = {
  readonly attempt: AttemptNumber;
  /** What it is called on the wire. */
  readonly uuid: string;
  readonly build: BuildId;
  readonly stepNumber: number;
  /** Base name. */
  readonly derivation: string;
  readonly builder: BuilderId;
  readonly hostname: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly maxSilentSeconds: number;
  readonly timeoutSeconds: number;
};

export const insertGrantsStatement = `
  insert into iolaus.grants
    (attempt, uuid, build, stepnr, derivation, builder, hostname, startedat, maxsilent, timeout)
  select * from unnest($1::bigint[], $2::text[], $3::int[], $4::int[], $5::text[], $6::text[], $7::text[],
    $8::bigint[], $9::int[], $10::int[])`;

export async function insertGrants(
  transaction: Transaction,
  grants: readonly Grant[],
): Promise<void> {
  if (grants.length === 0) return;
  await transaction.query(insertGrantsStatement, [
    grants.map(({ attempt }) => attempt),
    grants.map(({ uuid }) => uuid),
    grants.map(({ build }) => build),
    grants.map(({ stepNumber }) => stepNumber),
    grants.map(({ derivation }) => derivation),
    grants.map(({ builder }) => builder),
    grants.map(({ hostname }) => hostname),
    grants.map(({ startedAt }) => startedAt),
    grants.map(({ maxSilentSeconds }) => maxSilentSeconds),
    grants.map(({ timeoutSeconds }) => timeoutSeconds),
  ]);
}

export const deleteGrantsStatement = `delete from iolaus.grants where attempt = any($1::bigint[])`;

export async function deleteGrants(
  transaction: Transaction,
  attempts: readonly AttemptNumber[],
): Promise<void> {
  if (attempts.length > 0) await transaction.query(deleteGrantsStatement, [attempts]);
}

/** Their rows are over: another program closed them, or the builds are gone. */
export const deleteStaleGrantsStatement = `
  delete from iolaus.grants g where not exists (
    select 1 from buildsteps s where s.build = g.build and s.stepnr = g.stepnr and s.busy != 0)`;

export const readGrantsStatement = `
  select g.attempt, g.uuid, g.build, g.stepnr as "stepNumber", g.derivation, g.builder, g.hostname,
    g.startedat as "startedAt", g.maxsilent as "maxSilentSeconds", g.timeout as "timeoutSeconds", s.busy
  from iolaus.grants g join buildsteps s on s.build = g.build and s.stepnr = g.stepnr
  order by g.attempt`;

/** What an earlier runner left, the oldest first, with the number of each one's phase. */
export async function readGrants(database: Queryable): Promise<(Grant & { busy: number })[]> {
  await database.query(deleteStaleGrantsStatement);
  return database.query(readGrantsStatement);
}
