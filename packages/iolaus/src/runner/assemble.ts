import { join } from 'node:path';
import { attemptNumber, instant } from '../farm/identity.ts';
import type { AttemptNumber, BuildId } from '../farm/identity.ts';
import type { AttemptFailure } from '../farm/outcome.ts';
import type { FarmView } from '../farm/view.ts';
import { Attempts } from './attempts/attempts.ts';
import type { LiveAttempt } from './attempts/attempts.ts';
import { noBindings } from './builders/bindings.ts';
import { Builders } from './builders/builders.ts';
import { farmSettings } from './settings/configuration.ts';
import type { RunnerConfiguration } from './settings/configuration.ts';
import { Decisions } from './records/decisions.ts';
import { openDeeds } from './records/deeds.ts';
import { openDispatch } from './attempts/dispatch.ts';
import type { RunnerDoors } from './doors.ts';
import { keepFound, noRoots } from './gc-roots.ts';
import { openGraphSources } from './ingest/graph-sources.ts';
import { DownloadLimit } from './builders/download-limit.ts';
import { openHandlers } from './builders/handlers.ts';
import { openObservatory } from './http/observatory.ts';
import type { Observatory } from './http/observatory.ts';
import type { Order } from './http/order-routes.ts';
import type { Sight } from './http/sight.ts';
import { inheritAttempts } from './attempts/inheritance.ts';
import { guardLimits } from './attempts/limit-guard.ts';
import { sweepLater } from './logs/log-sweep.ts';
import { openLogs } from './logs/logs.ts';
import { LoosestLimits } from './attempts/loosest-limits.ts';
import { PhaseWriter } from './attempts/phase-writer.ts';
import { viewProgress } from './attempts/progress.ts';
import type { RunnerProgress } from './attempts/progress.ts';
import { Queue } from './ingest/queue.ts';
import { watchQueue } from './ingest/queue-watch.ts';
import { openRecords } from './records/records.ts';
import { Refusals } from './builders/refusals.ts';
import type { Misdeed } from './builders/refusals.ts';
import { openSubstitutionRecords } from './ingest/record-substitutions.ts';
import { openReports } from './attempts/reports.ts';
import { openRetryPlans } from './attempts/retry-plans.ts';
import { noSubstitution } from './ingest/substitution.ts';
import { openRealisations } from './resolution/realisations.ts';
import { openUnfolding } from './resolution/unfolding.ts';
import { shareQuestions } from './ingest/validity.ts';
import { readStandingOrders } from '../database/standing-orders.ts';
import { tellHistory } from './ingest/step-history.ts';

export interface Runner extends AsyncDisposable {
  /** What builders dial. */
  readonly endpoint: string;
  progress(): RunnerProgress;
  /** Looking at the farm. */
  readonly view: FarmView;
  /** What the statistics are made of. */
  readonly observatory: Observatory;
  readonly sight: Sight;
  /** Takes one queued build now; resolves when it has been decided about. */
  take(build: BuildId): Promise<void>;
  /** Resolves when it is recorded: with why the farm refused it, or null. */
  give(order: Order): Promise<string | null>;
  /** What can change while it works does; see `fixedKeys` for what cannot. */
  reconfigure(configuration: RunnerConfiguration): Promise<void>;
  /** How often builders were refused what they may not do, by kind. */
  readonly refusals: ReadonlyMap<Misdeed, number>;
  /** Names each promise that is broken; looks at everything that the farm knows. */
  checkPromises(): readonly string[];
}

/** Where the logs lie, below `hydraDataDir`. */
export function logDirectoryOf({ hydraDataDir }: RunnerConfiguration): string {
  return join(hydraDataDir, 'build-logs');
}

/** Where resolved derivations are held, below `hydraDataDir`. */
export function resolvedDirectoryOf({ hydraDataDir }: RunnerConfiguration): string {
  return join(hydraDataDir, 'resolved-derivations');
}

/** Puts a runner together behind its doors, and lets it begin. */
export async function assembleRunner(
  doors: RunnerDoors,
  configuration: RunnerConfiguration,
  /** `followsQueue` false: only builds that are taken by name. */
  { followsQueue = true }: { readonly followsQueue?: boolean } = {},
): Promise<Runner> {
  let current = configuration;
  const {
    clock,
    makeUuid,
    database,
    store,
    logger,
    roots = noRoots,
    substitution = noSubstitution,
  } = doors;
  const logDirectory = logDirectoryOf(configuration);

  // Disposed in the opposite order: first nothing new comes in, then the tunnels end, and with them what runs; at last
  // what the farm decided about that is recorded.
  await using starting = new AsyncDisposableStack();
  const attempts = new Attempts(makeUuid, clock);
  const inherited = await inheritAttempts({ database, clock, attempts });
  const observatory = openObservatory(clock);
  const farm = observatory.ledger.watchFarm(
    doors.createFarm(farmSettings(configuration), firstAttempt(doors.term)),
  );
  const { view } = farm;

  const retryPlans = await openRetryPlans({ database, view });
  const limits = new LoosestLimits(configuration);
  const refusals = new Refusals(logger);
  const logs = openLogs({
    attempts,
    files: doors.logFiles,
    refusals,
    limitBytes: () => limits.logBytes,
    onExcess: (live) => fail(live, 'log-limit-exceeded', 'the log is longer than it may be'),
  });
  starting.defer(() => logs.settled());
  const deeds = openDeeds({
    attempts,
    logs,
    retryPlans,
    records: openRecords({
      database,
      storeDirectory: store.directory,
      logDirectory,
      attempts,
      uploads: doors.uploads,
      realised: store.realised,
      rememberedSeconds: () => current.failedPathsTtlInS,
    }),
    dispatch: openDispatch({
      attempts,
      view,
      derivations: store.derivations,
      configuration: () => current,
      builders: () => builders,
      decisions: () => decisions,
    }),
    builders: () => builders,
    queue: () => queue,
    unfolding: () => unfolding,
  });
  const isLive = (live: LiveAttempt): boolean => attempts.byUuid(live.uuid) === live;
  const phases = starting.use(new PhaseWriter({ database, logger, clock, isLive }));
  const decisions = starting.use(new Decisions({ farm, deeds, logger, clock }));
  const downloads = new DownloadLimit(() => current.maxConcurrentDownloads);
  const validity = shareQuestions(store.validPaths);
  const reports = openReports({
    ...{ attempts, decisions, phases, validity, refusals, roots },
    maxOutputBytes: () => limits.outputBytes,
  });
  const leaseSeconds = (): number => current.rejoinTimeInS;
  const builders = new Builders({
    attempts,
    decisions,
    view,
    reports,
    refusals,
    logger,
    clock,
    makeUuid,
    storeIdentity: store.identity,
    maxConcurrentDownloads: configuration.maxConcurrentDownloads,
    leaseSeconds,
    logBytes: (attempt) => logs.bytes(attempt),
  });
  const realisations = openRealisations({ database, store });
  const sources = openGraphSources({
    ...{ database, store, view, retryPlans, realisations },
    substitute: async (wanted) => (current.useSubstitutes ? substitution.fetch(wanted) : []),
  });
  const unfolding = starting.use(
    openUnfolding({
      sources,
      store,
      view,
      logger,
      clock,
      submit: (event) => decisions.submit(event),
    }),
  );
  const queue = new Queue({
    database,
    decisions,
    logger,
    results: keepFound(store.results, roots),
    retryPlans,
    noteSubstituted: openSubstitutionRecords({
      ...{ database, logger, storeDirectory: store.directory },
    }),
    sources,
    unfolding,
  });

  /** What a builder should have ended itself. */
  const fail = (live: LiveAttempt, failure: AttemptFailure, message: string): void => {
    const { attempt, builder, uuid } = live;
    const buildMilliseconds = clock.now() - live.phaseSince;
    const times = { importMilliseconds: 0, buildMilliseconds, uploadMilliseconds: 0 };
    decisions.submit({ type: 'attempt-failed', attempt, failure, message, times }).catch(() => {});
    builders.send(builder, { type: 'abort', attempt: uuid }).catch(() => {});
  };
  starting.use(
    guardLimits({
      ...{ attempts, clock, fail },
      isConnected: ({ builder }) => builders.isConnected(builder),
    }),
  );

  await tellHistory({ database, decisions, logger });
  const orders = await readStandingOrders(database);
  await decisions.submit({ type: 'orders-remembered', orders });
  if (inherited.length > 0) {
    const until = instant(clock.now() + 1_000 * leaseSeconds());
    await decisions.submit({ type: 'attempts-inherited', attempts: inherited, until });
  }
  const handlers = openHandlers({
    attempts,
    clock,
    bindings: doors.bindings ?? noBindings,
    refusals,
    builders,
    reports,
    logs,
    transfers: store.transfers,
  });
  const server = starting.use(
    await doors.serve(downloads.watch(observatory.fleet.watch(handlers))),
  );
  starting.defer(() => builders.handOver());
  const watch = starting.use(
    await watchQueue({
      ...{ database, logger, clock, follows: followsQueue },
      everySeconds: () => current.queueTriggerTimerInS,
      queue: observatory.ledger.watchQueue(queue),
    }),
  );
  starting.use(sweepLater(logs, logger));
  const running = starting.move();
  return {
    endpoint: server.endpoint,
    progress: () =>
      viewProgress({
        attempts,
        view,
        tally: deeds.tally,
        unfinishedBuilds: queue.size,
        builders: builders.count,
      }),
    view,
    observatory,
    sight: observatory.look({
      ...{ database, farm, attempts, configuration: () => current },
      substitutes: substitution.tally,
    }),
    take: (build) => watch.take(build),
    give: (order) => decisions.ask(order),
    async reconfigure(next) {
      current = next;
      limits.allow(next);
      watch.lookLater();
      await decisions.submit({ type: 'settings-changed', settings: farmSettings(next) });
      await downloads.tell();
    },
    refusals: refusals.counts,
    checkPromises: () => farm.checkPromises(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

// At a thousand a second a runner would have to go on for 136 years; and there can be two million of them.
const attemptsOfTermMax = 2 ** 32;

/** Above all attempts of earlier runners, whatever the clock says: builders may still speak of those. */
const firstAttempt = (term: number): AttemptNumber => attemptNumber(term * attemptsOfTermMax);
