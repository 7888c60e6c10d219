import { sweepOrphans } from '../attempts/orphans.ts';
import { noBindings } from '../builders/bindings.ts';
import { DownloadLimit } from '../builders/download-limit.ts';
import { openHandlers } from '../builders/handlers.ts';
import type { Served } from '../doors.ts';
import { watchQueue } from '../ingest/queue-watch.ts';
import type { QueueWatch } from '../ingest/queue-watch.ts';
import { sweepLater } from '../logs/log-sweep.ts';
import type { Core } from './core.ts';
import type { Foundation } from './foundation.ts';

/** Where what happens comes in: builders, and what is queued. */
export interface Gates extends AsyncDisposable {
  /** What builders dial. */
  readonly endpoint: string;
  readonly watch: QueueWatch;
  readonly downloads: DownloadLimit;
}

/** Disposing hands builders over to the next runner before their tunnels end. */
export async function openGates(
  foundation: Foundation,
  core: Core,
  { followsQueue }: { readonly followsQueue: boolean },
): Promise<Gates> {
  const { doors, attempts, observatory, configuration } = foundation;
  const { database, logger, clock } = doors;
  const downloads = new DownloadLimit(() => configuration().maxConcurrentDownloads);
  await using opening = new AsyncDisposableStack();
  const server = opening.use(await letBuildersIn(foundation, core, downloads));
  opening.defer(() => core.builders.handOver());
  const watch = opening.use(
    await watchQueue({
      database,
      logger,
      clock,
      follows: followsQueue,
      everySeconds: () => configuration().queueTriggerTimerInS,
      queue: observatory.ledger.watchQueue(core.queue),
    }),
  );
  opening.use(sweepLater(core.logs, logger));
  opening.use(sweepOrphans({ database, clock, attempts, logger }));
  const open = opening.move();
  return {
    endpoint: server.endpoint,
    watch,
    downloads,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function letBuildersIn(
  { doors, attempts, refusals, handOvers, observatory }: Foundation,
  { builders, reports, logs, uploads }: Core,
  downloads: DownloadLimit,
): Promise<Served> {
  const { clock, store, bindings = noBindings } = doors;
  const { transfers } = store;
  const handlers = openHandlers({
    attempts,
    clock,
    bindings,
    refusals,
    builders,
    reports,
    logs,
    uploads,
    transfers,
    handOvers,
  });
  return doors.serve(downloads.watch(observatory.fleet.watch(handlers)));
}
