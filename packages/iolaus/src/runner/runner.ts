import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DaemonPool, printStorePath } from '@iolaus/nix';
import type { DaemonAddress, StorePath } from '@iolaus/nix';
import { closeBusySteps } from '../database/close-busy-steps.ts';
import type { Database } from '../database/connection.ts';
import { readFailedPaths } from '../database/read-failed-paths.ts';
import type { FarmEffect } from '../farm/effect.ts';
import { createFarm } from '../farm/farm.ts';
import { attemptNumber } from '../farm/identity.ts';
import type { AttemptNumber } from '../farm/identity.ts';
import type { Counts } from '../farm/view.ts';
import type { Logger } from '../logging/logger.ts';
import { serveRunner } from '../protocol/server.ts';
import type { RunnerHandlers } from '../protocol/server.ts';
import { identifyStore } from '../protocol/store-identity.ts';
import { Attempts } from './attempts.ts';
import { Builders } from './builders.ts';
import { farmSettings } from './configuration.ts';
import type { RunnerConfiguration } from './configuration.ts';
import { Decisions } from './decisions.ts';
import { openDerivations } from './derivations.ts';
import { openDispatch } from './dispatch.ts';
import { openFoundResults } from './found-results.ts';
import { openLogs } from './logs.ts';
import { PhaseWriter } from './phase-writer.ts';
import type { RunnerProgress } from './progress.ts';
import { Queue } from './queue.ts';
import { watchQueue } from './queue-watch.ts';
import { openRecords } from './records.ts';
import { openReports } from './reports.ts';
import { openStoreTransfers } from './store-transfers.ts';

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

  await using starting = new AsyncDisposableStack();
  const pool = starting.use(new DaemonPool(daemon, { limit: daemonConnectionsMax }));
  const attempts = new Attempts();
  const derivations = openDerivations(storeDirectory);
  const farm = createFarm(farmSettings(configuration), firstAttempt(now()));
  const phases = starting.use(
    new PhaseWriter({ database, logger, isLive: (live) => attempts.byUuid(live.uuid) === live }),
  );
  const records = openRecords({
    database,
    storeDirectory,
    logDirectory,
    attempts,
    isOwnStep: (build, { step }) => queue.derivationOf(build) === step.derivation,
  });
  const dispatch = openDispatch({
    attempts,
    derivations,
    configuration,
    builders: () => builders,
    decisions: () => decisions,
  });
  const counted = { succeededSteps: 0, failedSteps: 0 };

  const prepare = (effect: FarmEffect): void => {
    if (effect.type === 'start-attempt') dispatch.prepare(effect);
    if (effect.type !== 'finish-attempt') return;
    if (effect.outcome === 'succeeded') queue.noteSuccess(effect.derivation);
  };

  const perform = (effect: FarmEffect): void => {
    switch (effect.type) {
      case 'start-attempt':
        return dispatch.send(effect);
      case 'abort-attempt': {
        const attempt = attempts.uuidOf(effect.attempt);
        if (attempt !== undefined) builders.send(effect.builder, { type: 'abort', attempt });
        return;
      }
      case 'finish-attempt':
        if (effect.outcome === 'succeeded') counted.succeededSteps += 1;
        else if (effect.outcome !== 'cancelled' && effect.outcome !== 'aborted') {
          counted.failedSteps += 1;
        }
        return attempts.end(effect.attempt);
      case 'succeed-build':
      case 'fail-build':
        return queue.forget(effect.build);
      case 'record-failure':
      case 'wake-at':
        return;
    }
  };

  const decisions = starting.use(
    new Decisions({ farm, deeds: { record: records.write, perform, prepare }, logger, now }),
  );
  const reports = openReports({ attempts, decisions, pool, phases });
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
    results: openFoundResults({ pool, derivations, storeDirectory }),
    logger,
    sources: {
      derivations,
      validPaths: (paths) => pool.use((connection) => connection.queryValidPaths(paths)),
      failedPaths: (paths) => findFailed(paths),
      isStep: (derivation) => farm.view.hasStep(derivation),
    },
  });

  const findFailed = async (paths: readonly StorePath[]): Promise<ReadonlySet<StorePath>> => {
    const byText = new Map(paths.map((path) => [printStorePath(storeDirectory, path), path]));
    const failed = await readFailedPaths(database, [...byText.keys()]);
    return new Set(
      byText
        .entries()
        .filter(([text]) => failed.has(text))
        .map(([, path]) => path),
    );
  };

  const transfers = openStoreTransfers(pool, daemon);
  const logs = openLogs({
    directory: logDirectory,
    attempts,
    limitBytes: configuration.maxLogSize,
  });
  const handlers: RunnerHandlers = {
    openTunnel: (join) => builders.open(join),
    receiveLog: (log) => logs.receive(log),
    receivePaths: (paths) => transfers.receive(paths),
    updateStep: ({ attempt, phase }) => reports.notePhase(attempt, phase),
    completeBuild: (report) => reports.complete(report),
    fetchRequisites: (paths) => transfers.requisites(paths),
    hasPath: (path) => transfers.has(path),
    fetchPaths: (paths) => transfers.send(paths),
  };

  const server = starting.use(
    await serveRunner({
      handlers,
      bind: options.grpcBind,
      tokens: () => options.tokens,
      storeDirectory,
    }),
  );
  starting.use(
    await watchQueue({
      database,
      queue,
      logger,
      everySeconds: configuration.queueTriggerTimerInS,
    }),
  );
  const running = starting.move();

  return {
    endpoint: server.endpoint,
    progress: () => ({
      running: [...attempts.values()].map((live) => ({
        attempt: live.attempt,
        derivation: live.derivation,
        build: live.build,
        hostname: live.hostname,
        phase: live.phase,
        startedAt: live.startedAt,
      })),
      waitingSteps: stepsWaiting(farm.view.counts()),
      unfinishedBuilds: queue.size,
      builders: builders.count,
      ...counted,
    }),
    // In the order of making, backwards: first nothing new comes in, then the tunnels end, and with them what runs;
    // at last what the farm decided about that is recorded.
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Above all attempts of an earlier runner: that made fewer than a thousand a millisecond. */
const firstAttempt = (now: number): AttemptNumber => attemptNumber(now * 1_000);

const stepsWaiting = ({ steps, leased }: Counts): number => steps - leased;
