import type { Clock } from '../../clock/clock.ts';
import type { UploadHandlers } from '../../protocol/direct-upload.ts';
import type { RunnerHandlers } from '../../protocol/server.ts';
import type { Attempts } from '../attempts/attempts.ts';
import { admitClaimed } from './admit-claimed.ts';
import type { Bindings } from './bindings.ts';
import type { HandOvers } from './hand-overs.ts';
import type { Builders } from './builders.ts';
import type { Logs } from '../logs/logs.ts';
import type { Refusals } from './refusals.ts';
import type { Reports } from '../attempts/reports.ts';
import type { StoreTransfers } from './store-transfers.ts';

/** What the runner does when a builder calls. */
export function openHandlers(options: {
  readonly attempts: Attempts;
  readonly clock: Clock;
  readonly bindings: Bindings;
  readonly refusals: Refusals;
  readonly builders: Builders;
  readonly reports: Reports;
  readonly logs: Logs;
  readonly transfers: Omit<StoreTransfers, 'receive'>;
  readonly handOvers: HandOvers;
  /** Null: no builder uploads itself. */
  readonly uploads: UploadHandlers | null;
}): RunnerHandlers {
  const { builders, reports, logs, transfers, handOvers, uploads } = options;
  return {
    callFailed: (error) => options.refusals.hear(error),
    openTunnel: async (join, { claims = null }) =>
      builders.open(claims === null ? join : await admitClaimed(join, claims, options)),
    receiveLog: (log) => logs.receive(log),
    receivePaths: (paths) => handOvers.receive(paths),
    updateStep: ({ attempt, machine, phase }) =>
      reports.notePhase(attempt, phase, builders.named(machine)),
    completeBuild: (report) => reports.complete(report, builders.named(report.machine)),
    fetchRequisites: (paths) => transfers.requisites(paths),
    hasPath: (path) => transfers.has(path),
    fetchPaths: (paths) => transfers.send(paths),
    ...(uploads === null ? {} : { uploads }),
  };
}
