import type { BuildId } from '../../farm/identity.ts';
import type { Transaction } from '../connection/connection.ts';
import { isToldPath } from '../schema/told-path.ts';

/** `path` with the store directory, null while it is not known. */
export type StepOutput = {
  readonly build: BuildId;
  readonly stepNumber: number;
  readonly name: string;
  readonly path: string | null;
};

export const insertStepOutputsStatement = `
  insert into buildstepoutputs (build, stepnr, name, path)
  select * from unnest($1::int[], $2::int[], $3::text[], $4::text[]) as o (build, stepnr, name, path)
  where ${isToldPath('buildstepoutputs')}
  on conflict (build, stepnr, name) do update set path = excluded.path`;

/** Adds outputs of steps, or tells the paths of those that are there. */
export async function insertStepOutputs(
  transaction: Transaction,
  outputs: readonly StepOutput[],
): Promise<void> {
  if (outputs.length === 0) return;
  await transaction.query(insertStepOutputsStatement, [
    outputs.map(({ build }) => build),
    outputs.map(({ stepNumber }) => stepNumber),
    outputs.map(({ name }) => name),
    outputs.map(({ path }) => path),
  ]);
}
