import type { BuildId } from '../../farm/identity.ts';
import type { Transaction } from '../connection/connection.ts';
import { insertStepOutputs } from './insert-step-outputs.ts';
import { resolvedStatusNumber } from '../status.ts';

/** A step that turned out to be another derivation. */
export type ResolvedStep = {
  readonly build: BuildId;
  readonly derivation: string;
  readonly system: string;
  /** Seconds since the epoch. */
  readonly time: number;
  /** Without the store directory, as Hydra has it. */
  readonly into: string;
  readonly outputNames: readonly string[];
};

/** As a record, of which a schema from before there was `resolveddrvpath` takes the rest. */
export const insertResolvedStepsStatement = `
  insert into buildsteps
  select r.*
  from unnest($1::int[], $2::text[], $3::text[], $4::bigint[], $5::text[])
      with ordinality as n (build, drvpath, system, time, resolved, position),
    lateral jsonb_populate_record(null::buildsteps, jsonb_build_object(
      'build', n.build,
      'stepnr', coalesce((select max(s.stepnr) from buildsteps s where s.build = n.build), 0)
        + (select count(*) from unnest($1::int[]) with ordinality as o (build, position)
           where o.build = n.build and o.position <= n.position),
      'type', 0, 'drvpath', n.drvpath, 'busy', 0, 'status', ${resolvedStatusNumber},
      'starttime', n.time, 'stoptime', n.time, 'machine', '', 'system', n.system,
      'resolveddrvpath', n.resolved)) as r
  order by n.position
  returning stepnr as "stepNumber"`;

/** Rows that begin and end at once, without the paths of their outputs. */
export async function insertResolvedSteps(
  transaction: Transaction,
  steps: readonly ResolvedStep[],
): Promise<void> {
  if (steps.length === 0) return;
  const rows = await transaction.query<{ stepNumber: number }>(insertResolvedStepsStatement, [
    steps.map(({ build }) => build),
    steps.map(({ derivation }) => derivation),
    steps.map(({ system }) => system),
    steps.map(({ time }) => time),
    steps.map(({ into }) => into),
  ]);
  await insertStepOutputs(
    transaction,
    steps.flatMap(({ build, outputNames }, index) =>
      outputNames.map((name) => ({
        build,
        stepNumber: rows[index]?.stepNumber ?? 0,
        name,
        path: null,
      })),
    ),
  );
}
