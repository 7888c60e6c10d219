import type { BuildId } from '../../farm/identity.ts';
import type { Transaction } from '../connection/connection.ts';
import { insertStepOutputs } from './insert-step-outputs.ts';

/** A step that a builder is about to work on. Paths with the store directory; time in seconds. */
export type BusyStep = {
  readonly build: BuildId;
  readonly derivation: string;
  readonly system: string;
  readonly machine: string;
  readonly startTime: number;
  readonly busy: number;
  readonly outputs: ReadonlyMap<string, string | null>;
};

/**
 * Numbers go on from the highest of the build; several steps of one build get theirs in the order given. A number that
 * another program took at the same moment makes the transaction fail, and it is tried again.
 */
export const insertBusyStepsStatement = `
  insert into buildsteps (build, stepnr, type, drvpath, busy, starttime, machine, system)
  select n.build,
    coalesce((select max(s.stepnr) from buildsteps s where s.build = n.build), 0)
      + row_number() over (partition by n.build order by n.position),
    0, n.drvpath, n.busy, n.starttime, n.machine, n.system
  from unnest($1::int[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[])
    with ordinality as n (build, drvpath, busy, starttime, machine, system, position)
  order by n.position
  returning stepnr as "stepNumber"`;

/** Returns the number of each step, in order. */
export async function insertBusySteps(
  transaction: Transaction,
  steps: readonly BusyStep[],
): Promise<number[]> {
  const rows = await transaction.query<{ stepNumber: number }>(insertBusyStepsStatement, [
    steps.map(({ build }) => build),
    steps.map(({ derivation }) => derivation),
    steps.map(({ busy }) => busy),
    steps.map(({ startTime }) => startTime),
    steps.map(({ machine }) => machine),
    steps.map(({ system }) => system),
  ]);
  const numbers = rows.map(({ stepNumber }) => stepNumber);
  await insertStepOutputs(
    transaction,
    steps.flatMap(({ build, outputs }, index) =>
      [...outputs].map(([name, path]) => ({ build, stepNumber: numbers[index] ?? 0, name, path })),
    ),
  );
  return numbers;
}
