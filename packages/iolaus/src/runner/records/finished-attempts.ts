import type { StoreDirectory } from '@iolaus/nix';
import type { Transaction } from '../../database/connection/connection.ts';
import { epochSeconds } from '../../database/epoch-seconds.ts';
import { stepStatusNumber } from '../../database/status.ts';
import { finishSteps } from '../../database/steps/finish-steps.ts';
import type { FinishedAttempt } from '../../database/steps/finish-steps.ts';
import type { Effect, FarmEffect } from '../../farm/effect.ts';
import type { AttemptNumber } from '../../farm/identity.ts';
import { printBuiltOutputs } from './print-outputs.ts';

/** Closes the rows of attempts that ended. */
export async function recordFinishedAttempts(
  transaction: Transaction,
  effects: readonly FarmEffect[],
  store: StoreDirectory,
  stepNumberOf: (attempt: AttemptNumber) => number,
): Promise<void> {
  const finishes = effects.filter((effect) => effect.type === 'finish-attempt');
  if (finishes.length === 0) return;
  const rows = finishes.map((finish) => finishedRow(finish, stepNumberOf(finish.attempt), store));
  await finishSteps(transaction, rows);
}

function finishedRow(
  finish: Effect<'finish-attempt'>,
  stepNumber: number,
  store: StoreDirectory,
): FinishedAttempt {
  return {
    build: finish.build,
    stepNumber,
    status: stepStatusNumber(finish.outcome),
    errorMessage: finish.message,
    stopTime: epochSeconds(finish.stoppedAt),
    overheadMilliseconds: overheadOf(finish),
    outputs: finish.result === null ? null : printBuiltOutputs(store, finish.result),
  };
}

/** Milliseconds of moving inputs and outputs; null where nothing moved. */
function overheadOf({ times }: Effect<'finish-attempt'>): number | null {
  const overhead = times === null ? 0 : times.importMilliseconds + times.uploadMilliseconds;
  return overhead === 0 ? null : Math.round(overhead);
}
