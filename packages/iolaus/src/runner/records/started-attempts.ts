import { printStorePath } from '@iolaus/nix';
import type { StoreDirectory } from '@iolaus/nix';
import type { Transaction } from '../../database/connection/connection.ts';
import { epochSeconds } from '../../database/epoch-seconds.ts';
import { notify } from '../../database/notify.ts';
import type { Notification } from '../../database/notify.ts';
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

export function notifyStartedAttempts(
  transaction: Transaction,
  effects: readonly FarmEffect[],
  started: ReadonlyMap<AttemptNumber, number>,
): Promise<void> {
  const starts = effects.filter((effect) => effect.type === 'start-attempt');
  return notify(
    transaction,
    starts.flatMap((start) => whatStarts(start, started.get(start.attempt) ?? 0)),
  );
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

/** Hydra's plugins want to hear that a build starts when its own derivation does, not the first that it needs. */
function whatStarts({ build, isOwn }: Start, stepNumber: number): Notification[] {
  const step: Notification = { channel: 'step_started', payload: `${build}\t${stepNumber}` };
  return isOwn ? [step, { channel: 'build_started', payload: String(build) }] : [step];
}
