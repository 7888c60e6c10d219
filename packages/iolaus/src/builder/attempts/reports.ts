import { setTimeout as sleep } from 'node:timers/promises';
import type { Phase } from '../../farm/outcome.ts';
import type { AttemptReport, StepUpdate } from '../../protocol/attempt-report.ts';
import { CallError } from '../../protocol/call-error.ts';
import type { CallStatus } from '../../protocol/call-error.ts';
import type { RunnerClient } from '../../protocol/client/runner-client.ts';
import type { MachineUuid } from '../../protocol/identity.ts';
import type { StoredReport } from '../../protocol/stored-report.ts';
import type { BuilderTunnel } from '../../protocol/tunnel.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';
import { tellLastingPhases } from './lasting-phases.ts';

// A runner that is started again is back within that time.
const waitsMilliseconds = [3_000, 6_000, 12_000] as const;

/** How the runner is told of attempts. */
export type Reports = {
  /** Nothing depends on it: what goes wrong is not told. */
  update(attempt: AttemptUuid, phase: Phase): Promise<void>;
  /** Resolves when the runner has recorded it, or does not want it any more; rejects if it cannot be told. */
  complete(report: StoredReport): Promise<void>;
};

/** Reports over a tunnel, which also brings the answers. */
export type TunnelReports = Reports & {
  /** The runner says that it has recorded a report. */
  answered(attempt: AttemptUuid): void;
};

/** Over the tunnel, to a runner that is ours: a message there costs a twentieth of a call. */
export function reportOnTunnel(machine: MachineUuid, tunnel: BuilderTunnel): TunnelReports {
  const unanswered = new Map<AttemptUuid, PromiseWithResolvers<void>>();
  const giveUp = (): void => {
    for (const { reject } of unanswered.values()) reject(tunnelEnded());
    unanswered.clear();
  };
  tunnel.signal.addEventListener('abort', giveUp, { once: true });
  const phases = tellLastingPhases((attempt, phase) => {
    void tunnel.send({ type: 'step-update', update: { attempt, machine, phase } });
  });
  return {
    update: async (attempt, phase) => phases.note(attempt, phase),
    complete: async (report) => {
      phases.forget(report.attempt);
      const answer = Promise.withResolvers<void>();
      unanswered.set(report.attempt, answer);
      const sent = await tunnel.send({ type: 'complete', report: { ...report, machine } });
      if (!sent || tunnel.signal.aborted) answer.reject(tunnelEnded());
      await answer.promise;
    },
    answered: (attempt) => {
      unanswered.get(attempt)?.resolve();
      unanswered.delete(attempt);
    },
  };
}

/** As any call that the runner's loss cuts off: the next runner is to hear it. */
const tunnelEnded = (): CallError =>
  new CallError('unavailable', 'the tunnel ended before the report was answered');

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
    complete: (unsigned) => {
      const report = { ...unsigned, machine };
      return trying(waits, signal, () => client.completeBuild(report, { signal })).catch(
        (error: unknown) => {
          if (report.result.type === 'failed') throw error;
          return client.completeBuild(undelivered(report), { signal });
        },
      );
    },
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
