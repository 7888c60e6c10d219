import { resolvedStatusNumber } from '../../database/status.ts';
import { isGranted } from './grant-statements.ts';
import type { Parameters } from './parameters.ts';
import type { Scene } from './statements.ts';
import { stepKey } from './tables.ts';
import type { StepRow } from './tables.ts';

export function readUngrantedSteps(scene: Scene): object[] {
  return [...scene.transaction.rows(scene.tables.steps)]
    .filter((step) => step.busy !== 0 && !isGranted(scene, step))
    .map(({ build, number }) => ({ build, stepNumber: number }));
}

export function closeOrphanedSteps({ transaction, tables }: Scene, given: Parameters): object[] {
  return given.rows.flatMap((row) => {
    const key = { build: given.number(0, row), number: given.number(1, row) };
    const step = transaction.get(tables.steps, stepKey(key));
    if (step === undefined || step.busy === 0) return [];
    const [stopTime, message] = [given.number(2), given.text(3)];
    const errorMessage = step.errorMessage ?? message;
    transaction.put(tables.steps, { ...step, busy: 0, status: 3, stopTime, errorMessage });
    return [{}];
  });
}

export function areRecorded({ transaction, tables }: Scene, given: Parameters): object[] {
  const owners = new Map<string, Set<string>>();
  for (const { owner, name, path } of transaction.rows(tables.stepOutputs)) {
    if (path !== '') owners.set(owner, (owners.get(owner) ?? new Set()).add(name));
  }
  const recorded = new Set(
    [...transaction.rows(tables.steps)].flatMap((step) =>
      [...(owners.get(stepKey(step)) ?? [])].map((name) => `${step.derivation}!${name}`),
    ),
  );
  return given.rows.map((row) => ({
    isRecorded: recorded.has(`${given.text(0, row)}!${given.text(1, row)}`),
  }));
}

export function insertBusySteps(scene: Scene, given: Parameters): object[] {
  return given.rows.map((row) =>
    insertStep(scene, given.number(0, row), {
      type: 0,
      derivation: given.text(1, row),
      busy: given.number(2, row),
      status: null,
      startTime: given.number(3, row),
      stopTime: null,
      errorMessage: null,
      machine: given.text(4, row),
      propagatedFrom: null,
    }),
  );
}

export function insertFinishedSteps(scene: Scene, given: Parameters): object[] {
  return given.rows.map((row) =>
    insertStep(scene, given.number(0, row), {
      type: given.number(1, row),
      derivation: given.text(2, row),
      busy: 0,
      status: given.number(3, row),
      errorMessage: given.textOrNull(4, row),
      startTime: given.numberOrNull(5, row),
      stopTime: given.numberOrNull(6, row),
      machine: given.text(7, row),
      propagatedFrom: given.numberOrNull(9, row),
    }),
  );
}

export function insertResolvedSteps(scene: Scene, given: Parameters): object[] {
  return given.rows.map((row) =>
    insertStep(scene, given.number(0, row), {
      type: 0,
      derivation: given.text(1, row),
      busy: 0,
      status: resolvedStatusNumber,
      errorMessage: null,
      startTime: given.number(3, row),
      stopTime: given.number(3, row),
      machine: '',
      propagatedFrom: null,
    }),
  );
}

export function insertStep(
  { transaction, tables }: Scene,
  build: number,
  facts: Omit<StepRow, 'build' | 'number'>,
): { stepNumber: number } {
  for (const id of [build, facts.propagatedFrom]) {
    if (id === null) continue;
    if (transaction.get(tables.builds, String(id)) === undefined) {
      throw new Error(`a step refers to build ${id}, which is not there`);
    }
    transaction.share(tables.builds, String(id));
  }
  let number = 1;
  while (transaction.get(tables.steps, stepKey({ build, number })) !== undefined) number += 1;
  transaction.put(tables.steps, { build, number, ...facts });
  return { stepNumber: number };
}

export function insertStepOutputs({ transaction, tables }: Scene, given: Parameters): object[] {
  for (const row of given.rows) {
    const owner = stepKey({ build: given.number(0, row), number: given.number(1, row) });
    const path = given.textOrNull(3, row) ?? '';
    transaction.put(tables.stepOutputs, { owner, name: given.text(2, row), path });
  }
  return [];
}

export function finishSteps({ transaction, tables }: Scene, given: Parameters): object[] {
  return given.rows.flatMap((row) => {
    const key = { build: given.number(0, row), number: given.number(1, row) };
    const step = transaction.get(tables.steps, stepKey(key));
    if (step === undefined || step.busy === 0) return [];
    const status = given.number(2, row);
    transaction.put(tables.steps, {
      ...step,
      busy: 0,
      status,
      errorMessage: given.textOrNull(3, row),
      stopTime: given.number(4, row),
    });
    return [{ build: key.build, stepNumber: key.number }];
  });
}

export function updateStepPhases({ transaction, tables }: Scene, given: Parameters): object[] {
  for (const row of given.rows) {
    const key = { build: given.number(0, row), number: given.number(1, row) };
    const step = transaction.get(tables.steps, stepKey(key));
    if (step === undefined || step.busy === 0 || step.status !== null) continue;
    transaction.put(tables.steps, { ...step, busy: given.number(2, row) });
  }
  return [];
}
