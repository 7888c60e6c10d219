import type { BuildId } from '../../farm/identity.ts';
import type { Transaction } from '../connection/connection.ts';
import { insertStepOutputs } from './insert-step-outputs.ts';

/** A row for something that no builder was asked for: a propagated or cached failure, or what was found. */
export type FinishedStep = {
  readonly build: BuildId;
  readonly derivation: string;
  readonly type: 'build' | 'substitution';
  readonly status: number;
  readonly errorMessage: string | null;
  /** Seconds; null for failures that were not tried. */
  readonly startTime: number | null;
  readonly stopTime: number | null;
  readonly machine: string;
  readonly system: string | null;
  readonly propagatedFrom: BuildId | null;
  readonly outputs: ReadonlyMap<string, string | null>;
};

export const insertFinishedStepsStatement = `
  insert into buildsteps
    (build, stepnr, type, drvpath, busy, status, errormsg, starttime, stoptime, machine, system, propagatedfrom)
  select n.build,
    coalesce((select max(s.stepnr) from buildsteps s where s.build = n.build), 0)
      + row_number() over (partition by n.build order by n.position),
    n.type, n.drvpath, 0, n.status, n.errormsg, n.starttime, n.stoptime, n.machine, n.system, n.propagatedfrom
  from unnest($1::int[], $2::int[], $3::text[], $4::int[], $5::text[], $6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::int[])
    with ordinality as n
      (build, type, drvpath, status, errormsg, starttime, stoptime, machine, system, propagatedfrom, position)
  order by n.position
  returning stepnr as "stepNumber"`;

const typeNumbers = { build: 0, substitution: 1 } as const;

export async function insertFinishedSteps(
  transaction: Transaction,
  steps: readonly FinishedStep[],
): Promise<void> {
  const rows = await transaction.query<{ stepNumber: number }>(insertFinishedStepsStatement, [
    steps.map(({ build }) => build),
    steps.map(({ type }) => typeNumbers[type]),
    steps.map(({ derivation }) => derivation),
    steps.map(({ status }) => status),
    steps.map(({ errorMessage }) => errorMessage),
    steps.map(({ startTime }) => startTime),
    steps.map(({ stopTime }) => stopTime),
    steps.map(({ machine }) => machine),
    steps.map(({ system }) => system),
    steps.map(({ propagatedFrom }) => propagatedFrom),
  ]);
  await insertStepOutputs(
    transaction,
    steps.flatMap(({ build, outputs }, index) =>
      [...outputs].map(([name, path]) => ({
        build,
        stepNumber: rows[index]?.stepNumber ?? 0,
        name,
        path,
      })),
    ),
  );
}
