import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { Database } from '../database/connection/connection.ts';
import type { BuildCounts } from '../database/reads/count-builds.ts';
import type { Logger } from '../logging/logger.ts';
import { ApiError, notFound } from './http/api-error.ts';
import { apiRoot } from '../api/contract.ts';
import type { Attempts } from './rights/attempts.ts';
import { answerProblem } from './api/problems.ts';
import { createApi } from './api/routes.ts';
import { isForPeople } from './hydra-api/answers.ts';
import { createHydraApi } from './hydra-api/routes.ts';
import type { StoreCache } from './hydra-api/store-cache.ts';
import type { EventFeed } from './events/event-feed.ts';
import { clientAddress } from './http/client-address.ts';
import type { ReadingLimit } from './http/reading-limit.ts';
import { securityHeaders } from './http/headers.ts';
import type { Listeners } from './http/listeners.ts';
import type { StepEnds } from './logs/step-ends.ts';
import { addPageRoutes, answerQueuePage } from './page-routes.ts';
import type { Page } from './page.ts';
import type { QueueView } from './queue/queue.ts';
import type { IdentityProvider } from './oidc/provider.ts';
import { addSignInRoutes } from './oidc/routes.ts';

/** What the routes answer from. */
export type Sources = {
  readonly database: Database;
  readonly stepEnds: StepEnds;
  /** What everybody may know of, as it was some seconds ago. */
  readonly countBuilds: () => Promise<BuildCounts>;
  /** The runner's REST endpoint. */
  readonly runnerUrl: string | undefined;
  /** What the runner wants to see before it changes something, if it does. */
  readonly runnerToken: string | undefined;
  /** The runner's steps; throws if it does not tell. */
  readonly queue: () => Promise<QueueView>;
  readonly storeCache: StoreCache | undefined;
  /** What changes, for API v2; null where the database may not write it down. */
  readonly events: EventFeed | null;
  readonly eventListeners: Listeners;
  readonly logListeners: Listeners;
  readonly logDirectory: string;
  readonly storeDirectory: string;
  readonly page: Page;
  /** Who say who somebody is, besides passwords. */
  readonly identityProviders: readonly IdentityProvider[];
  /** Where people reach the server; undefined: where they say. */
  readonly baseUri: string | undefined;
  readonly readingLimit: ReadingLimit;
  /** Log-ins. */
  readonly attempts: Attempts;
  readonly logger: Logger;
};

export type App = Hono<{ Bindings: HttpBindings }>;

/**
 * All that the server answers. Besides API v2 (`api/routes.ts`) everything can be read by everybody and changed by nobody:
 * only GET and HEAD are understood.
 */
export function createRoutes(sources: Sources): App {
  const app: App = new Hono();
  app.onError((error, context) => answerProblem(context, error, sources.logger));
  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(securityHeaders)) {
      if (value !== undefined) context.env.outgoing.setHeader(name, value);
    }
    sources.readingLimit.add(clientAddress(context));
    const { method } = context.req;
    const isReading = method === 'GET' || method === 'HEAD';
    if (!isReading && !context.req.path.startsWith(`${apiRoot}/`)) {
      context.env.outgoing.setHeader('allow', 'GET, HEAD');
      throw new ApiError(
        405,
        'method-not-allowed',
        `Nothing can be done by ${method} here; GET and HEAD read.`,
      );
    }
    await next();
  });
  app.route(apiRoot, createApi(sources));
  // Programs are answered there as Hydra does.
  app.get('/queue', (context, next) =>
    isForPeople(context) ? answerQueuePage(context, sources) : next(),
  );
  addSignInRoutes(app, sources);
  app.route('/', createHydraApi(sources));
  app.all('/api/*', (context) => {
    throw notFound(`There is nothing at ${context.req.path}.`);
  });
  addPageRoutes(app, sources);
  return app;
}
