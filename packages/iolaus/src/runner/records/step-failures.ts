import { printStorePath } from '@iolaus/nix';
import type { StoreDirectory } from '@iolaus/nix';
import type { Transaction } from '../../database/connection/connection.ts';
import { stepStatusNumber } from '../../database/status.ts';
import { insertFinishedSteps } from '../../database/steps/insert-finished-steps.ts';
import type { FarmEffect } from '../../farm/effect.ts';
import { findOrigins } from '../ingest/cached-failures.ts';
import { printOutputs } from './print-outputs.ts';

/** A row for each build that a failed step fails, beside that of the attempt itself. */
export async function recordStepFailures(
  transaction: Transaction,
  effects: readonly FarmEffect[],
  store: StoreDirectory,
): Promise<void> {
  const failures = effects.filter((effect) => effect.type === 'record-failure');
  if (failures.length === 0) return;
  const originOf = await findOrigins(transaction, failures, store);
  await insertFinishedSteps(
    transaction,
    failures.map((failure) => ({
      build: failure.build,
      derivation: printStorePath(store, failure.step.derivation),
      type: 'build',
      status: stepStatusNumber(failure.outcome),
      errorMessage: failure.message,
      startTime: null,
      stopTime: null,
      machine: failure.hostname,
      system: failure.step.system,
      propagatedFrom: originOf(failure),
      outputs: printOutputs(store, failure.step.outputs),
    })),
  );
}
