import type { Parameters } from './parameters.ts';
import type { Scene } from './statements.ts';
import { stepKey } from './tables.ts';
import type { GrantRow, StepRow } from './tables.ts';

export function insertGrants({ transaction, tables }: Scene, given: Parameters): object[] {
  for (const row of given.rows) {
    transaction.put(tables.grants, {
      attempt: given.number(0, row),
      uuid: given.text(1, row),
      build: given.number(2, row),
      stepNumber: given.number(3, row),
      derivation: given.text(4, row),
      builder: given.text(5, row),
      hostname: given.text(6, row),
      startedAt: given.number(7, row),
      maxSilentSeconds: given.number(8, row),
      timeoutSeconds: given.number(9, row),
    });
  }
  return [];
}

export function deleteGrants({ transaction, tables }: Scene, given: Parameters): object[] {
  for (const attempt of given.numbers(0)) transaction.remove(tables.grants, String(attempt));
  return [];
}

export function deleteStaleGrants(scene: Scene): object[] {
  const { transaction, tables } = scene;
  for (const grant of transaction.rows(tables.grants).toArray()) {
    const step = stepOf(scene, grant);
    if (step === undefined || step.busy === 0)
      transaction.remove(tables.grants, String(grant.attempt));
  }
  return [];
}

export function readGrants(scene: Scene): object[] {
  return [...scene.transaction.rows(scene.tables.grants)]
    .sort((one, other) => one.attempt - other.attempt)
    .flatMap((grant) => {
      const step = stepOf(scene, grant);
      return step === undefined ? [] : [{ ...grant, busy: step.busy }];
    });
}

/** Whether the step may go on while there is no runner. */
export function isGranted({ transaction, tables }: Scene, step: StepRow): boolean {
  return [...transaction.rows(tables.grants)].some(
    ({ build, stepNumber }) => build === step.build && stepNumber === step.number,
  );
}

const stepOf = ({ transaction, tables }: Scene, grant: GrantRow): StepRow | undefined =>
  transaction.get(tables.steps, stepKey({ build: grant.build, number: grant.stepNumber }));
