import type { BuildId } from '../../farm/identity.ts';
import type { Transaction } from '../connection/connection.ts';
import { insertStepOutputs } from './insert-step-outputs.ts';

/** How an attempt ended. Time in seconds; `outputs`: of a success, with the store directory. */
export type FinishedAttempt = {
  readonly build: BuildId;
  readonly stepNumber: number;
  readonly status: number;
  readonly errorMessage: string | null;
  readonly stopTime: number;
  readonly overheadMilliseconds: number | null;
  readonly outputs: ReadonlyMap<string, string> | null;
};

/** Only rows that are still busy, so that doing it twice is harmless. Those that were not keep their outputs, too. */
export const finishStepsStatement = `
  update buildsteps s set busy = 0, status = n.status, errormsg = n.errormsg, stoptime = n.stoptime, overhead = n.overhead
  from unnest($1::int[], $2::int[], $3::int[], $4::text[], $5::bigint[], $6::int[])
    as n (build, stepnr, status, errormsg, stoptime, overhead)
  where s.build = n.build and s.stepnr = n.stepnr and s.busy != 0
  returning s.build, s.stepnr as "stepNumber"`;

// Hydra's column has 32 bits, some 24 days. Builders are not to be trusted with that: a transaction that failed on it would be
// tried again and again.
const overheadMillisecondsMax = 2 ** 31 - 1;

export async function finishSteps(
  transaction: Transaction,
  attempts: readonly FinishedAttempt[],
): Promise<void> {
  const changed = await transaction.query<StepKey>(finishStepsStatement, [
    attempts.map(({ build }) => build),
    attempts.map(({ stepNumber }) => stepNumber),
    attempts.map(({ status }) => status),
    attempts.map(({ errorMessage }) => errorMessage),
    attempts.map(({ stopTime }) => stopTime),
    attempts.map(({ overheadMilliseconds: milliseconds }) =>
      milliseconds === null ? null : Math.min(milliseconds, overheadMillisecondsMax),
    ),
  ]);
  const finished = new Set(changed.map(keyOf));
  await insertStepOutputs(
    transaction,
    attempts
      .filter((attempt) => finished.has(keyOf(attempt)))
      .flatMap(({ build, stepNumber, outputs }) =>
        [...(outputs ?? [])].map(([name, path]) => ({ build, stepNumber, name, path })),
      ),
  );
}

type StepKey = { readonly build: BuildId; readonly stepNumber: number };

const keyOf = ({ build, stepNumber }: StepKey): string => `${build} ${stepNumber}`;
