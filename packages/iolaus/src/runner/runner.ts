import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonAddress } from '@iolaus/nix';
import { systemClock } from '../clock/system-clock.ts';
import type { Database } from '../database/connection/connection.ts';
import { forgetFailures } from '../database/steps/failed-paths.ts';
import { fencedDatabase } from '../database/lead.ts';
import type { Lead } from '../database/lead.ts';
import { prepareOwnSchema } from '../database/schema/own-schema.ts';
import { createFarm } from '../farm/farm.ts';
import type { Logger } from '../logging/logger.ts';
import type { Bind } from '../protocol/bind.ts';
import { serveRunner } from '../protocol/server/runner-server.ts';
import type { RunnerServer, ServerTls } from '../protocol/server/runner-server.ts';
import { openBindings } from './builders/bindings.ts';
import type { GuardPace } from './attempts/limit-guard.ts';
import { assembleRunner } from './assembly/assemble.ts';
import type { Runner } from './assembly/assemble.ts';
import type { RunnerConfiguration } from './settings/configuration.ts';
import { logDirectoryOf, resolvedDirectoryOf, stateDirectoryOf } from './settings/directories.ts';
import { openChanges } from './http/changes.ts';
import { openMetrics } from './http/metrics/metrics.ts';
import { serveRest } from './http/rest-server.ts';
import type { RestServer } from './http/rest-server.ts';
import { orderRoutes } from './http/order-routes.ts';
import type { Publishing } from './http/status/store-traffic.ts';
import { restRoutes } from './http/routes.ts';
import { noRoots, openGcRoots } from './gc-roots/gc-roots.ts';
import { pruneGcRootsDaily } from './gc-roots/prune-gc-roots.ts';
import { openLogFiles } from './logs/log-files.ts';
import { openPublishedRealisations } from './resolution/published-realisations.ts';
import { openRealisationCaches } from './resolution/realisation-caches.ts';
import { openRunnerStore } from './store/runner-store.ts';
import type { RunnerStore } from './store/runner-store.ts';
import type { KeptFacts } from './store/derivations.ts';
import { openSubstitution } from './ingest/substitution.ts';
import { abortLeftOvers, openMultiparts, sweepDaily } from './uploads/direct/multiparts.ts';
import { Destinations } from './uploads/destinations.ts';
import { openOverflowRule } from './uploads/overflow/overflow-rule.ts';
import { openSweeps } from './uploads/open-sweeps.ts';
import { UploadQueue } from './uploads/upload-queue.ts';

export type { Runner } from './assembly/assemble.ts';

export type RunnerOptions = {
  readonly configuration: RunnerConfiguration;
  readonly database: Database;
  /** Nobody else works on the database. */
  readonly lead: Lead;
  /** What was read of the queue while this runner stood by. */
  readonly kept?: KeptFacts;
  readonly daemon: DaemonAddress;
  /** Where links to outputs are made that are not to be collected, and Nix's own folder; left out: they may be. */
  readonly roots?: { readonly directory: () => string | null; readonly stateDirectory: string };
  /** Where builders dial, and where status and metrics are; null: nowhere. */
  readonly grpcBind: Bind;
  readonly restBind: Bind | null;
  /** Asked at every call; null: everybody may build. */
  readonly tokens: () => readonly string[] | null;
  /** Asked likewise; by default there are no join tokens. */
  readonly joinKey?: () => string | null;
  /** The same of those who may declare an emergency; null: whoever is on this machine. */
  readonly emergencyTokens: () => readonly string[] | null;
  /** By default builders speak in the clear. */
  readonly tls?: ServerTls | null;
  /** False: only builds that are taken by name. */
  readonly followsQueue?: boolean;
  /** How soon builders that do not keep limits are stopped; by default two minutes later. */
  readonly guardPace?: GuardPace;
  readonly logger: Logger;
};

export type ServedRunner = Runner & {
  /** What asks for its status on this machine. */
  readonly restUrl: string | null;
  /** Builders that dial from now on see these. Throws `Fault`, and leaves it as it was. */
  renewCertificates(tls: ServerTls): void;
};

/** The queue runner: takes what is queued, has it built, records what came of it. */
export async function startRunner(options: RunnerOptions): Promise<ServedRunner> {
  const { configuration, daemon, logger, lead } = options;
  const database = fencedDatabase(options.database, lead);
  mkdirSync(logDirectoryOf(configuration), { recursive: true });
  await prepareOwnSchema(options.database);
  await using starting = new AsyncDisposableStack();
  const store = starting.use(
    openRunnerStore(daemon, resolvedDirectoryOf(configuration), options.kept),
  );
  let current = configuration;
  const destinations = new Destinations({
    daemon,
    // Without the fence, which would make a question a change.
    sweeps: openSweeps(options.database),
    logDirectory: logDirectoryOf(configuration),
    realisationsOf: openPublishedRealisations(database, daemon.storeDirectory, store),
  });
  const useStores = ({ remoteStoreAddr, overflowStore }: RunnerConfiguration): void =>
    destinations.change(remoteStoreAddr, overflowStore?.store ?? null);
  useStores(configuration);
  const overflowRule = openOverflowRule(() => current.overflowStore?.jobsets ?? null);
  const uploads = starting.use(
    new UploadQueue({
      database,
      destinations,
      overflowRule,
      limit: () => current.concurrentUploadLimit,
      clock: systemClock,
      logger,
    }),
  );
  const multiparts = openMultiparts(database, logger);
  await abortLeftOvers(database, multiparts, (store) => destinations.directAt(store));
  for (const place of [() => destinations.direct, () => destinations.overflow])
    starting.use(sweepDaily(place, { clock: systemClock, logger }));
  const roots =
    options.roots === undefined
      ? noRoots
      : starting.use(openGcRoots({ ...options.roots, daemon, logger }));
  if (options.roots !== undefined)
    starting.use(
      pruneGcRootsDaily({
        database,
        clock: systemClock,
        logger,
        directory: options.roots.directory,
      }),
    );
  const substitution = starting.use(openSubstitution({ daemon, clock: systemClock, logger }));
  let server: RunnerServer | undefined;
  const runner = starting.use(
    await assembleRunner(
      {
        clock: systemClock,
        makeUuid: randomUUID,
        database,
        term: lead.term,
        store,
        roots,
        substitution,
        caches: openRealisationCaches({
          caches: () => destinations.caches,
          daemon,
          logger,
          clock: systemClock,
        }),
        logFiles: openLogFiles(logDirectoryOf(configuration)),
        uploads,
        overflow: {
          rule: overflowRule,
          cache: () => destinations.overflow,
          regular: () => destinations.regularCache,
        },
        directUploads: { cache: () => destinations.direct, multiparts },
        bindings: openBindings(join(stateDirectoryOf(configuration), 'joined')),
        logger,
        createFarm,
        serve: async (handlers) =>
          (server = await serveRunner({
            bind: options.grpcBind,
            tokens: options.tokens,
            joinKey: options.joinKey ?? (() => null),
            tls: options.tls ?? null,
            storeDirectory: daemon.storeDirectory,
            handlers,
          })),
      },
      configuration,
      { followsQueue: options.followsQueue ?? true, guardPace: options.guardPace },
    ),
  );
  const rest =
    options.restBind === null
      ? null
      : starting.use(
          await serveStatus(
            runner,
            {
              store,
              waiting: () => uploads.waiting(),
              traffic: () => destinations.traffic,
            },
            options.restBind,
            { ...options, database },
          ),
        );
  const running = starting.move();
  return {
    ...runner,
    restUrl: rest?.url ?? null,
    async reconfigure(next) {
      useStores(next);
      current = next;
      await runner.reconfigure(next);
    },
    renewCertificates: (tls) => server?.renewCertificates(tls),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function serveStatus(
  runner: Runner,
  { store, ...publishing }: Publishing & { readonly store: RunnerStore },
  bind: Bind,
  { database, tokens, emergencyTokens, logger }: RunnerOptions,
): Promise<RestServer> {
  const { observatory } = runner;
  const sight = { ...runner.sight, publishing };
  const changes = openChanges({
    database,
    store,
    take: (build) => runner.take(build),
    now: () => Math.floor(systemClock.now() / 1_000),
  });
  const metrics = openMetrics(observatory.registry, sight, () => countRefusals(runner));
  const orders = orderRoutes({
    give: (order) => runner.give(order),
    standing: () => sight.farm.survey.orders(),
    forgetFailures: (which) => forgetFailures(database, which),
  });
  const routes = [...restRoutes(sight, metrics, changes), ...orders];
  return serveRest({ bind, routes, tokens, emergencyTokens, logger });
}

/** What builders may not do, and events that made no sense to the farm. */
function countRefusals({ refusals, view }: Runner): Map<string, number> {
  const events = view.refusals().entries();
  return new Map<string, number>([
    ...refusals,
    ...events.map(([reason, count]): [string, number] => [`event-${reason}`, count]),
  ]);
}
