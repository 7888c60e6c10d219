import type { Clock } from '../../clock/clock.ts';
import type { UploadHandlers } from '../../protocol/direct-upload.ts';
import type { DirectUploads } from '../uploads/direct/direct-uploads.ts';
import type { RunnerHandlers } from '../../protocol/server/runner-server.ts';
import type { Attempts } from '../attempts/attempts.ts';
import { admitClaimed } from './admit-claimed.ts';
import type { Bindings } from './bindings.ts';
import type { HandOvers } from './hand-overs.ts';
import type { Builders } from './builders.ts';
import type { Logs } from '../logs/logs.ts';
import type { Refusals } from './refusals.ts';
import type { Reports } from '../attempts/reports.ts';
import type { StoreTransfers } from '../store/store-transfers.ts';
import { TransferTurns } from './transfer-turns.ts';

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
  readonly uploads: DirectUploads | null;
}): RunnerHandlers {
  const { builders, reports, logs, transfers, handOvers, uploads } = options;
  const turns = new TransferTurns();
  return {
    versionChecked: (check, verdict) => {
      if (verdict === 'compatible') builders.dialects.note(check);
    },
    callFailed: (error) => options.refusals.hear(error),
    openTunnel: async (join, caller) => {
      const { claims = null } = caller;
      const admitted = claims === null ? join : await admitClaimed(join, claims, options);
      return builders.open(admitted, caller);
    },
    receiveLog: (log, caller) =>
      logs.receive(log, (builder) => builders.maySpeakFor(builder, caller)),
    receivePaths: (paths, caller) =>
      turns.during(caller, () =>
        handOvers.receive(paths, (builder) => builders.maySpeakFor(builder, caller)),
      ),
    updateStep: ({ attempt, machine, phase }, caller) =>
      reports.notePhase(attempt, phase, builders.named(machine, caller)),
    completeBuild: (report, caller) =>
      reports.complete(report, builders.named(report.machine, caller)),
    fetchRequisites: (paths) => transfers.requisites(paths),
    hasPath: (path) => transfers.has(path),
    fetchPaths: async (paths, caller) => {
      const outgoing = await transfers.send(paths);
      return { ...outgoing, nar: (info) => turns.stream(caller, () => outgoing.nar(info)) };
    },
    ...(uploads === null ? {} : { uploads: openUploads(uploads, builders) }),
  };
}

const openUploads = (uploads: DirectUploads, builders: Builders): UploadHandlers => ({
  grant: (request, caller) => uploads.grant(request, builders.named(request.machine, caller)),
  grantParts: (request, caller) =>
    uploads.grantParts(request, builders.named(request.machine, caller)),
  finish: (upload, caller) => uploads.finish(upload, builders.named(upload.machine, caller)),
});
