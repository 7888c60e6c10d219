import type { Clock } from '../../clock/clock.ts';
import type { UploadHandlers } from '../../protocol/direct-upload.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';
import type { RunnerHandlers } from '../../protocol/server.ts';
import type { Attempts } from '../attempts/attempts.ts';
import { admitClaimed } from './admit-claimed.ts';
import type { Bindings } from './bindings.ts';
import { checkPaths } from './check-paths.ts';
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
  readonly transfers: StoreTransfers;
  /** Null: no builder uploads itself. */
  readonly uploads: UploadHandlers | null;
}): RunnerHandlers {
  const { attempts, builders, reports, logs, transfers, refusals, uploads } = options;
  const isUnderWay = (attempt: AttemptUuid | null): boolean =>
    attempt === null ? attempts.count > 0 : attempts.byUuid(attempt) !== undefined;
  return {
    openTunnel: async (join, { claims = null }) =>
      builders.open(claims === null ? join : await admitClaimed(join, claims, options)),
    receiveLog: (log) => logs.receive(log),
    receivePaths: async (paths) => transfers.receive(checkPaths(paths, { isUnderWay, refusals })),
    updateStep: ({ attempt, machine, phase }) =>
      reports.notePhase(attempt, phase, builders.named(machine)),
    completeBuild: (report) => reports.complete(report, builders.named(report.machine)),
    fetchRequisites: (paths) => transfers.requisites(paths),
    hasPath: (path) => transfers.has(path),
    fetchPaths: (paths) => transfers.send(paths),
    ...(uploads === null ? {} : { uploads }),
  };
}
