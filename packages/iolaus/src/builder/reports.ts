import { setTimeout as sleep } from 'node:timers/promises';
import type { AttemptReport, Phase, StepUpdate } from '../protocol/attempt-report.ts';
import { CallError } from '../protocol/call-error.ts';
import type { CallStatus } from '../protocol/call-error.ts';
import type { RunnerClient } from '../protocol/client.ts';
import type { MachineUuid } from '../protocol/identity.ts';
import type { BuilderTunnel } from '../protocol/tunnel.ts';
import type { AttemptUuid } from '../protocol/identity.ts';
import { tellLastingPhases } from './lasting-phases.ts';

// A runner that is started again is back within that time.
const waitsMilliseconds = [3_000, 6_000, 12_000] as const;

/** How the runner is told of attempts. */
export type Reports = {
  /** Nothing depends on it: what goes wrong is not told. */
  update(attempt: AttemptUuid, phase: Phase): Promise<void>;
  /** Rejects if the runner cannot be told. */
  complete(report: AttemptReport): Promise<void>;
};

/** Over the tunnel, to a runner that is ours: a message there costs a twentieth of a call. */
export function reportOnTunnel(machine: MachineUuid, tunnel: BuilderTunnel): Reports {
  const phases = tellLastingPhases((attempt, phase) => {
    void tunnel.send({ type: 'step-update', update: { attempt, machine, phase } });
  });
  return {
    update: async (attempt, phase) => phases.note(attempt, phase),
    complete: async (report) => {
      phases.forget(report.attempt);
      if (await tunnel.send({ type: 'complete', report })) return;
      throw new Error('the tunnel ended before the report was sent');
    },
  };
}

/** By a call each, to any other runner. */
export function reportByCalls(
  machine: MachineUuid,
  client: Pick<RunnerClient, 'updateStep' | 'completeBuild'>,
  signal: AbortSignal,
  waits: readonly number[] = waitsMilliseconds,
): Reports {
  return {
    update: async (attempt, phase) => {
      const update: StepUpdate = { attempt, machine, phase };
      await client.updateStep(update, { signal }).catch(() => {});
    },
    complete: (report) =>
      trying(waits, signal, () => client.completeBuild(report, { signal })).catch(
        (error: unknown) => {
          if (report.result.type === 'failed') throw error;
          return client.completeBuild(undelivered(report), { signal });
        },
      ),
  };
}

// What another try cannot change.
const final: ReadonlySet<CallStatus> = new Set([
  'invalid-argument',
  'unauthenticated',
  'unimplemented',
  'failed-precondition',
]);

async function trying(
  waits: readonly number[],
  signal: AbortSignal,
  call: () => Promise<void>,
): Promise<void> {
  for (const wait of waits) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof CallError && final.has(error.status)) throw error;
      // Many builders may have lost the runner at once, and should not all come back at once.
      await sleep(wait * (1 + Math.random()), undefined, { signal });
    }
  }
  return call();
}

/** A success that the runner does not take has to be tried again. */
function undelivered(report: AttemptReport): AttemptReport {
  const message = 'the runner did not take the outputs that were reported';
  return { ...report, result: { type: 'failed', failure: 'post-processing-failed', message } };
}
