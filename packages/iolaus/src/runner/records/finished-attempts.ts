import type { StoreDirectory } from '@iolaus/nix';
import type { Transaction } from '../../database/connection/connection.ts';
import { together } from '../../database/connection/together.ts';
import { epochSeconds } from '../../database/epoch-seconds.ts';
import { notify } from '../../database/notify.ts';
import type { Notification } from '../../database/notify.ts';
import { stepStatusNumber } from '../../database/status.ts';
import { finishSteps } from '../../database/steps/finish-steps.ts';
import type { FinishedAttempt } from '../../database/steps/finish-steps.ts';
import type { Effect, FarmEffect } from '../../farm/effect.ts';
import type { AttemptNumber } from '../../farm/identity.ts';
import { logFilePath } from '../logs/log-files.ts';
import { printBuiltOutputs } from './print-outputs.ts';

/** Closes the rows of attempts that ended. Throws for one that has no row. */
export async function recordFinishedAttempts(
  transaction: Transaction,
  effects: readonly FarmEffect[],
  options: {
    readonly store: StoreDirectory;
    readonly logDirectory: string;
    readonly stepNumberOf: (attempt: AttemptNumber) => number | undefined;
  },
): Promise<void> {
  const { store, logDirectory, stepNumberOf } = options;
  const finishes = effects.filter((effect) => effect.type === 'finish-attempt');
  if (finishes.length === 0) return;
  const rows = finishes.map((finish) => finishedRow(finish, stepNumberOf(finish.attempt), store));
  const finished = rows.map(({ row }) => row);
  const notifications = rows.map(
    ({ finish: { build, derivation }, row: { stepNumber } }): Notification => ({
      channel: 'step_finished',
      payload: `${build}\t${stepNumber}\t${logFilePath(logDirectory, derivation)}`,
    }),
  );
  await together([finishSteps(transaction, finished), notify(transaction, notifications)]);
}

type Finished = { readonly finish: Effect<'finish-attempt'>; readonly row: FinishedAttempt };

function finishedRow(
  finish: Effect<'finish-attempt'>,
  stepNumber: number | undefined,
  store: StoreDirectory,
): Finished {
  if (stepNumber === undefined) throw new Error(`attempt ${finish.attempt} has no row`);
  const row = {
    build: finish.build,
    stepNumber,
    status: stepStatusNumber(finish.outcome),
    errorMessage: finish.message,
    stopTime: epochSeconds(finish.stoppedAt),
    overheadMilliseconds: overheadOf(finish),
    outputs: finish.result === null ? null : printBuiltOutputs(store, finish.result),
  };
  return { finish, row };
}

/** Milliseconds of moving inputs and outputs; null where nothing moved. */
function overheadOf({ times }: Effect<'finish-attempt'>): number | null {
  const overhead = times === null ? 0 : times.importMilliseconds + times.uploadMilliseconds;
  return overhead === 0 ? null : Math.round(overhead);
}
