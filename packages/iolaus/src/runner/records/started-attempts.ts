import { printStorePath } from '@iolaus/nix';
import type { StoreDirectory } from '@iolaus/nix';
import type { Transaction } from '../../database/connection/connection.ts';
import { epochSeconds } from '../../database/epoch-seconds.ts';
import { phaseNumber } from '../../database/status.ts';
import { insertBusySteps } from '../../database/steps/insert-busy-steps.ts';
import type { BusyStep } from '../../database/steps/insert-busy-steps.ts';
import type { Effect, FarmEffect } from '../../farm/effect.ts';
import type { AttemptNumber } from '../../farm/identity.ts';
import { printOutputs } from './print-outputs.ts';

type Start = Effect<'start-attempt'>;

/** A busy row for each attempt that starts. Returns the numbers that the rows got. */
export async function recordStartedAttempts(
  transaction: Transaction,
  effects: readonly FarmEffect[],
  store: StoreDirectory,
): Promise<ReadonlyMap<AttemptNumber, number>> {
  const starts = effects.filter((effect) => effect.type === 'start-attempt');
  if (starts.length === 0) return new Map();
  const stepNumbers = await insertBusySteps(
    transaction,
    starts.map((start) => busyRow(start, store)),
  );
  return new Map(starts.map(({ attempt }, index) => [attempt, stepNumbers[index] ?? 0]));
}

function busyRow(start: Start, store: StoreDirectory): BusyStep {
  return {
    build: start.build,
    derivation: printStorePath(store, start.step.derivation),
    system: start.step.system,
    machine: start.hostname,
    startTime: epochSeconds(start.startedAt),
    busy: phaseNumber('connecting'),
    outputs: printOutputs(store, start.step.outputs),
  };
}
