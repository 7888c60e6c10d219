import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { once } from 'node:events';
import { getRequestListener } from '@hono/node-server';
import type { Http2Bindings, HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Database } from '../database/connection/connection.ts';
import type { Reader } from '../database/api/readable.ts';
import { countQueues } from '../database/api/count-queues.ts';
import { countBuilds } from '../database/reads/count-builds.ts';
import { prepareEventLog } from '../database/events/event-triggers.ts';
import { Fault } from '../fault/fault.ts';
import type { Logger } from '../logging/logger.ts';
import { countAttempts } from './rights/attempts.ts';
import { listBuilders } from './api/handlers/farm.ts';
import { feedEvents } from './events/event-feed.ts';
import type { EventFeed } from './events/event-feed.ts';
import { tellGauges } from './events/gauges.ts';
import { heartbeat } from './http/event-stream.ts';
import { limitReading } from './http/reading-limit.ts';
import { createListeners } from './http/listeners.ts';
import { shareAnswers } from './share-answers.ts';
import { watchStepEnds } from './logs/step-ends.ts';
import type { StoreCache } from './hydra-api/store-cache.ts';
import { builtPageDirectory, loadPage } from './page.ts';
import { watchQueue } from './queue/queue.ts';
import { connectProvider } from './oidc/provider.ts';
import type { ProviderSettings } from './oidc/settings.ts';
import { createRoutes } from './routes.ts';

export type ServerOptions = {
  /** Stays open when the server is closed. */
  readonly database: Database;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Where the runner writes logs: `build-logs` in its data directory. */
  readonly logDirectory: string;
  /** Where store paths can be read, e.g. `/nix/store`; with a chroot store, its place on the machine. */
  readonly storeDirectory: string;
  /** The runner's REST endpoint, to ask for machines. */
  readonly runnerUrl?: string;
  /** What the runner wants to see before it changes something: always for emergencies where they have tokens. */
  readonly runnerToken?: string | undefined;
  /** The store to give out as a binary cache; stays open when the server is closed. */
  readonly storeCache?: StoreCache;
  /** Where the built page is, if it is not the one of `@iolaus/web`. */
  readonly pageDirectory?: string;
  /** Who say who somebody is, besides passwords. */
  readonly oidc?: readonly ProviderSettings[];
  /** Where people reach the server, if not where they say. */
  readonly baseUri?: string | undefined;
  readonly logger: Logger;
};

export type RunningServer = AsyncDisposable & {
  /** Where it is, e.g. `http://localhost:3000`. */
  readonly url: string;
  /** Ends all streams and connections. */
  close(): Promise<void>;
};

// A team and its tabs; each is a socket and some kilobytes.
const eventListenersMax = 2_000;
// Each holds an open file, and looks at it ten times a second.
const logListenersMax = 1_000;
// All listeners, and as many again who ask for something.
const connectionsMax = 2 * (eventListenersMax + logListenersMax);
const heartbeatMilliseconds = 15_000;

/**
 * Serves the page and its API (`routes.ts`), which only read. Throws `Fault` `port-in-use` or `not-permitted` where the
 * port cannot be had, and what the database throws if it cannot be listened to.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { database, logger, logDirectory, storeDirectory } = options;
  await using starting = new AsyncDisposableStack();
  const stepEnds = starting.adopt(await watchStepEnds(database), (watched) => watched.close());
  const eventListeners = createListeners(eventListenersMax);
  const logListeners = createListeners(logListenersMax);
  const events = await openEvents(starting, options);
  const routes = createRoutes({
    database,
    stepEnds,
    logger,
    logDirectory,
    storeDirectory,
    events,
    eventListeners,
    logListeners,
    attempts: countAttempts(),
    readingLimit: limitReading(),
    runnerUrl: options.runnerUrl,
    runnerToken: options.runnerToken,
    queue: watchQueue(options.runnerUrl ?? ''),
    storeCache: options.storeCache,
    identityProviders: (options.oidc ?? []).map(connectProvider),
    baseUri: options.baseUri,
    countBuilds: shareAnswers(() => countBuilds(database)),
    page: await loadPage(options.pageDirectory ?? builtPageDirectory()),
  });
  const heart = setInterval(() => eventListeners.tell(heartbeat), heartbeatMilliseconds);
  starting.defer(() => clearInterval(heart));

  const server = createServer(getRequestListener((request, env) => answer(routes, request, env)));
  server.maxConnections = connectionsMax;
  await listen(server, options);
  starting.defer(() => stopListening(server));
  starting.defer(() => logListeners.close());
  starting.defer(() => eventListeners.close());
  const running = starting.move();
  return {
    url: addressOf(server, options.host),
    close: () => running.disposeAsync(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** What changes in the database, and what never rests; null where the database may not write down what changes. */
async function openEvents(
  starting: AsyncDisposableStack,
  options: ServerOptions,
): Promise<EventFeed | null> {
  const { database, logger, runnerUrl } = options;
  if (!(await prepareEventLog(database))) return null;
  const feed = starting.adopt(await feedEvents(database, logger), (opened) => opened.close());
  const gauges = {
    builders: async (reader: Reader) => ({
      items: await listBuilders({ database, runnerUrl, logger }, reader),
    }),
    queues: async (reader: Reader) => ({ items: await countQueues(database, reader) }),
  };
  const closing = new AbortController();
  const telling = tellGauges(feed.audience, gauges, logger, closing.signal);
  starting.defer(async () => {
    closing.abort();
    await telling;
  });
  return feed;
}

/** To HEAD, Hono answers with a copy of the answer to GET, which does not know any more that all was said already. */
async function answer(
  routes: ReturnType<typeof createRoutes>,
  request: Request,
  env: HttpBindings | Http2Bindings,
): Promise<Response> {
  const response = await routes.fetch(request, env);
  return env.outgoing.headersSent ? RESPONSE_ALREADY_SENT : response;
}

async function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw wordListenError(error, host, port);
  }
}

function wordListenError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new Fault('port-in-use', `another program listens on port ${port} of ${host}`, {
      remedy: 'Stop it, or choose another port with --port.',
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new Fault('not-permitted', `the system does not give out port ${port} of ${host}`, {
      remedy: 'Choose a port above 1023 and an address of this machine.',
      cause: error,
    });
  }
  return error;
}

/** Who has said all that is to be said to them is let go; all others are cut off. */
async function stopListening(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  // Streams were ended a moment ago: their last words leave in this turn of the loop.
  setImmediate(() => server.closeAllConnections());
  await closed;
}

/** The address that a browser on this machine takes. */
function addressOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const isLocal = ['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'].includes(host);
  return `http://${isLocal ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;
}
