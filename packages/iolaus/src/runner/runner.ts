import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DaemonPool } from '@iolaus/nix';
import type { DaemonAddress } from '@iolaus/nix';
import { closeBusySteps } from '../database/close-busy-steps.ts';
import type { Database } from '../database/connection.ts';
import { createFarm } from '../farm/farm.ts';
import { attemptNumber } from '../farm/identity.ts';
import type { AttemptNumber } from '../farm/identity.ts';
import type { Logger } from '../logging/logger.ts';
import { serveRunner } from '../protocol/server.ts';
import { identifyStore } from '../protocol/store-identity.ts';
import { Attempts } from './attempts.ts';
import type { LiveAttempt } from './attempts.ts';
import { Builders } from './builders.ts';
import { farmSettings } from './configuration.ts';
import type { RunnerConfiguration } from './configuration.ts';
import { Decisions } from './decisions.ts';
import { openDeeds } from './deeds.ts';
import { openDerivations } from './derivations.ts';
import { openDispatch } from './dispatch.ts';
import { openFoundResults } from './found-results.ts';
import { openGraphSources } from './graph-sources.ts';
import { openHandlers } from './handlers.ts';
import { openLogs } from './logs.ts';
import { PhaseWriter } from './phase-writer.ts';
import { viewProgress } from './progress.ts';
import type { RunnerProgress } from './progress.ts';
import { Queue } from './queue.ts';
import { watchQueue } from './queue-watch.ts';
import { openRecords } from './records.ts';
import { openReports } from './reports.ts';
import { openStoreTransfers } from './store-transfers.ts';
import { openValidity } from './validity.ts';

// Each is a process of the daemon's; questions are short, and four at once keep two cores busy.
const daemonConnectionsMax = 4;

export type RunnerOptions = {
  readonly configuration: RunnerConfiguration;
  readonly database: Database;
  readonly daemon: DaemonAddress;
  /** `host:port`, or the absolute path of a Unix socket. */
  readonly grpcBind: string;
  readonly tokens: readonly string[] | null;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

export interface Runner extends AsyncDisposable {
  /** What builders dial. */
  readonly endpoint: string;
  progress(): RunnerProgress;
}

/** The queue runner: takes what is queued, has it built, records what came of it. */
export async function startRunner(options: RunnerOptions): Promise<Runner> {
  const { configuration, database, daemon, logger, now } = options;
  const { storeDirectory } = daemon;
  const logDirectory = join(configuration.hydraDataDir, 'build-logs');
  mkdirSync(logDirectory, { recursive: true });
  await closeBusySteps(database, Math.floor(now() / 1_000));

  // Disposed in the opposite order: first nothing new comes in, then the tunnels end, and with them what runs; at last
  // what the farm decided about that is recorded.
  await using starting = new AsyncDisposableStack();
  const pool = starting.use(new DaemonPool(daemon, { limit: daemonConnectionsMax }));
  const attempts = new Attempts();
  const derivations = openDerivations(storeDirectory);
  const farm = createFarm(farmSettings(configuration), firstAttempt(now()));
  const { view } = farm;

  const deeds = openDeeds({
    attempts,
    records: openRecords({
      database,
      storeDirectory,
      logDirectory,
      attempts,
      isOwnStep: (build, { step }) => queue.derivationOf(build) === step.derivation,
    }),
    dispatch: openDispatch({
      attempts,
      derivations,
      configuration,
      builders: () => builders,
      decisions: () => decisions,
    }),
    builders: () => builders,
    queue: () => queue,
  });
  const isLive = (live: LiveAttempt): boolean => attempts.byUuid(live.uuid) === live;
  const phases = starting.use(new PhaseWriter({ database, logger, isLive }));
  const decisions = starting.use(new Decisions({ farm, deeds, logger, now }));
  const reports = openReports({ attempts, decisions, phases, validity: openValidity(pool) });
  const builders = new Builders({
    decisions,
    reports,
    logger,
    storeIdentity: identifyStore(storeDirectory),
    maxConcurrentDownloads: configuration.maxConcurrentDownloads,
  });
  const queue = new Queue({
    database,
    decisions,
    logger,
    results: openFoundResults({ pool, derivations, storeDirectory }),
    sources: openGraphSources({ database, pool, derivations, view, storeDirectory }),
  });

  const server = starting.use(
    await serveRunner({
      bind: options.grpcBind,
      tokens: () => options.tokens,
      storeDirectory,
      handlers: openHandlers({
        builders,
        reports,
        transfers: openStoreTransfers(pool, daemon),
        logs: openLogs({ directory: logDirectory, attempts, limitBytes: configuration.maxLogSize }),
      }),
    }),
  );
  const everySeconds = configuration.queueTriggerTimerInS;
  starting.use(await watchQueue({ database, queue, logger, everySeconds }));
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
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Above all attempts of an earlier runner: that made fewer than a thousand a millisecond. */
const firstAttempt = (now: number): AttemptNumber => attemptNumber(now * 1_000);
