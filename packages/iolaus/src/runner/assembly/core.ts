import type { LiveAttempt } from '../attempts/attempts.ts';
import { openDispatch } from '../attempts/dispatch.ts';
import { openGiveUp } from '../attempts/give-up.ts';
import { openLeftovers } from '../attempts/leftovers.ts';
import { guardLimits } from '../attempts/limit-guard.ts';
import type { GuardPace } from '../attempts/limit-guard.ts';
import { PhaseWriter } from '../attempts/phase-writer.ts';
import { openReports } from '../attempts/reports.ts';
import type { Reports } from '../attempts/reports.ts';
import { Builders } from '../builders/builders.ts';
import { noRoots } from '../gc-roots/gc-roots.ts';
import type { Queue } from '../ingest/queue.ts';
import { openLogs } from '../logs/logs.ts';
import type { Logs } from '../logs/logs.ts';
import { Decisions } from '../records/decisions.ts';
import { openDeeds } from '../records/deeds.ts';
import type { StepTally } from '../records/deeds.ts';
import { openRecords } from '../records/records.ts';
import type { Unfolding } from '../resolution/unfolding.ts';
import type { CopyBack } from '../uploads/overflow/copy-back.ts';
import { noOverflow } from '../uploads/overflow/overflow-rule.ts';
import type { DirectCache } from '../uploads/direct/direct-cache.ts';
import { DirectUploads } from '../uploads/direct/direct-uploads.ts';
import { logDirectoryOf } from '../settings/directories.ts';
import type { Foundation } from './foundation.ts';
import { openIngest } from './ingest.ts';

/** Where decisions are made, recorded and carried out. */
export interface Core extends AsyncDisposable {
  readonly decisions: Decisions;
  readonly builders: Builders;
  readonly reports: Reports;
  readonly logs: Logs;
  /** Null: no builder uploads itself. */
  readonly uploads: DirectUploads | null;
  readonly queue: Queue;
  readonly copyBack: CopyBack;
  readonly tally: Readonly<StepTally>;
}

/** Parts that need each other, asked for late: all of them are there before anything happens. */
type Late = {
  readonly decisions: () => Decisions;
  readonly builders: () => Builders;
  readonly queue: () => Queue;
  readonly unfolding: () => Unfolding;
  readonly copyBack: () => CopyBack;
};

/** Disposing records what has been decided. */
export function openCore(
  foundation: Foundation,
  { guardPace }: { readonly guardPace: GuardPace | undefined },
): Core {
  const { doors, farm } = foundation;
  const { clock, logger } = doors;
  const late: Late = {
    decisions: () => decisions,
    builders: () => builders,
    queue: () => queue,
    unfolding: () => unfolding,
    copyBack: () => copyBack,
  };
  const giveUp = openGiveUp({ clock, ...late });
  const stack = new AsyncDisposableStack();
  const logs = openRunnerLogs(foundation, giveUp);
  stack.defer(() => logs.settled());
  const uploads = openUploads(foundation);
  const deeds = openRunnerDeeds(foundation, late, { logs, uploads });
  const phases = stack.use(openPhases(foundation));
  const isAtWork = (): boolean => farm.view.counts().leased > 0;
  const decisions = stack.use(new Decisions({ farm, deeds, logger, clock, isAtWork }));
  const reports = openRunnerReports(foundation, decisions, phases);
  const builders = openBuilders(foundation, { decisions, reports, logs });
  const { queue, unfolding, copyBack } = openIngest(foundation, decisions);
  stack.use(unfolding);
  stack.use(copyBack);
  stack.use(
    guardLimits({
      attempts: foundation.attempts,
      clock,
      fail: giveUp,
      pace: guardPace,
      isConnected: ({ builder }) => builders.isConnected(builder),
    }),
  );
  return {
    decisions,
    builders,
    reports,
    logs,
    uploads,
    queue,
    copyBack,
    tally: deeds.tally,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function openRunnerLogs(
  { doors, attempts, refusals, limits }: Foundation,
  giveUp: ReturnType<typeof openGiveUp>,
): Logs {
  return openLogs({
    attempts,
    files: doors.logFiles,
    refusals,
    limitBytes: () => limits.logBytes,
    onExcess: (live) => giveUp(live, 'log-limit-exceeded', 'the log is longer than it may be'),
  });
}

function openRunnerDeeds(
  foundation: Foundation,
  late: Late,
  ending: { readonly logs: Logs; readonly uploads: DirectUploads | null },
): ReturnType<typeof openDeeds> {
  const { doors, farm, attempts, handOvers, retryPlans, configuration, directCache } = foundation;
  const { database, store, uploads, clock, logger } = doors;
  const records = openRecords({
    database,
    attempts,
    uploads,
    store: store.directory,
    realised: store.realised,
    logDirectory: logDirectoryOf(configuration()),
    rememberedSeconds: () => configuration().failedPathsTtlInS,
  });
  const { derivations, local } = store;
  const { view } = farm;
  const leftovers = openLeftovers({ local, derivations, handOvers, clock, logger });
  const dispatch = openDispatch({
    attempts,
    view,
    derivations,
    leftovers,
    configuration,
    directCache,
    ...late,
  });
  return openDeeds({ attempts, retryPlans, records, dispatch, ...ending, ...late });
}

function openUploads({
  doors,
  attempts,
  farm,
  refusals,
  configuration,
  directCache: cache,
}: Foundation): DirectUploads | null {
  const { store, directUploads, database, overflow } = doors;
  if (directUploads === undefined) return null;
  const rule = overflow?.rule ?? noOverflow;
  const cacheFor = async ({ derivation }: LiveAttempt): Promise<DirectCache | null> => {
    const jobsets = farm.view.jobsetsOf(derivation);
    const wantsOverflow = (await rule(database, jobsets))(jobsets);
    return (wantsOverflow ? overflow?.cache() : null) ?? cache();
  };
  const { derivations, directory: storeDirectory } = store;
  return new DirectUploads({
    attempts,
    refusals,
    derivations,
    storeDirectory,
    cache,
    cacheFor,
    multiparts: directUploads.multiparts,
    trustsBuilders: () => configuration().trustBuilderUploads,
  });
}

function openPhases({ doors, attempts }: Foundation): PhaseWriter {
  const { database, logger, clock } = doors;
  const isLive = (live: LiveAttempt): boolean => attempts.byUuid(live.uuid) === live;
  return new PhaseWriter({ database, logger, clock, isLive });
}

function openRunnerReports(
  { doors, attempts, refusals, limits }: Foundation,
  decisions: Decisions,
  phases: PhaseWriter,
): Reports {
  const { measure, local, derivations, directory: storeDirectory } = doors.store;
  return openReports({
    attempts,
    decisions,
    phases,
    refusals,
    roots: doors.roots ?? noRoots,
    clock: doors.clock,
    measure,
    local,
    derivations,
    storeDirectory,
    maxOutputBytes: () => limits.outputBytes,
  });
}

function openBuilders(
  { doors, attempts, farm, refusals, configuration }: Foundation,
  {
    decisions,
    reports,
    logs,
  }: { readonly decisions: Decisions; readonly reports: Reports; readonly logs: Logs },
): Builders {
  const { logger, clock, makeUuid, store, database } = doors;
  return new Builders({
    attempts,
    decisions,
    view: farm.view,
    reports,
    refusals,
    logger,
    clock,
    makeUuid,
    storeIdentity: store.identity,
    maxConcurrentDownloads: configuration().maxConcurrentDownloads,
    forcedSubstituters: () =>
      configuration().usePresignedUploads ? configuration().forcedSubstituters : [],
    leaseSeconds: () => configuration().rejoinTimeInS,
    logBytes: (attempt) => logs.bytes(attempt),
    // Every transaction is held to the lead, one that does nothing, too.
    confirmLead: () => database.transaction(async () => {}),
  });
}
