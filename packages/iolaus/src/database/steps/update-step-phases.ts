import type { BuildId } from '../../farm/identity.ts';
import type { Transaction } from '../connection/connection.ts';

/** A step that is over keeps its 0: a phase that comes late changes nothing. */
export const updateStepPhasesStatement = `
  update buildsteps s set busy = n.busy
  from unnest($1::int[], $2::int[], $3::int[]) as n (build, stepnr, busy)
  where s.build = n.build and s.stepnr = n.stepnr and s.busy != 0 and s.status is null`;

export async function updateStepPhases(
  transaction: Transaction,
  rows: readonly { readonly build: BuildId; readonly stepNumber: number; readonly busy: number }[],
): Promise<void> {
  await transaction.query(updateStepPhasesStatement, [
    rows.map(({ build }) => build),
    rows.map(({ stepNumber }) => stepNumber),
    rows.map(({ busy }) => busy),
  ]);
}
