import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Overview } from '@iolaus/web/api';
import { Hono } from 'hono';
import type { Database } from '../database/connection/connection.ts';
import type { BuildCounts } from '../database/reads/count-builds.ts';
import type { Logger } from '../logging/logger.ts';
import { answerError, answerJson } from './http/answer.ts';
import { ApiError, notFound } from './http/api-error.ts';
import { answerBuildList, answerEvaluationList, describeBuild } from './builds/builds.ts';
import type { Changes } from './changes/changes.ts';
import { apiRoot } from '../api/contract.ts';
import type { Attempts } from './rights/attempts.ts';
import { createApi } from './api/routes.ts';
import { isForPeople } from './hydra-api/answers.ts';
import { createHydraApi } from './hydra-api/routes.ts';
import type { StoreCache } from './hydra-api/store-cache.ts';
import type { EventFeed } from './events/event-feed.ts';
import { clientAddress } from './http/client-address.ts';
import type { ReadingLimit } from './http/reading-limit.ts';
import { openEventStream } from './http/event-stream.ts';
import { securityHeaders } from './http/headers.ts';
import type { Listeners } from './http/listeners.ts';
import { answerLiveLog, answerLog } from './logs/logs.ts';
import { addPageRoutes, answerQueuePage } from './page-routes.ts';
import { readPublicBuild, readStepAddress } from './builds/addresses.ts';
import type { Page } from './page.ts';
import { readId } from './http/parameters.ts';
import type { QueueView } from './queue/queue.ts';
import type { IdentityProvider } from './oidc/provider.ts';
import { addSignInRoutes } from './oidc/routes.ts';
import { answerProduct } from './products/products.ts';
import { listProvisioners } from './builds/provisioners.ts';
import { describeStep, listRunningSteps } from './builds/steps.ts';

/** What the routes answer from. */
export type Sources = {
  readonly database: Database;
  readonly changes: Changes;
  readonly overview: () => Promise<Overview>;
  /** What everybody may know of, as it was some seconds ago. */
  readonly countBuilds: () => Promise<BuildCounts>;
  /** The runner's REST endpoint. */
  readonly runnerUrl: string | undefined;
  /** What the runner wants to see before it changes something, if it does. */
  readonly runnerToken: string | undefined;
  /** The runner's steps; throws if it does not tell. */
  readonly queue: () => Promise<QueueView>;
  readonly storeCache: StoreCache | undefined;
  readonly changeListeners: Listeners;
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
 * only GET and HEAD are understood. The shapes of JSON are the types of `@iolaus/web/api`; lists come newest first, a page at a time
 * (`limit`, and `before` with the `next` of the page before); errors are `{ error: { code, message } }`.
 */
export function createRoutes(sources: Sources): App {
  const app: App = new Hono();
  app.onError((error, context) => answerError(context, error, sources.logger));
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
  addFarmRoutes(app, sources);
  addBuildRoutes(app, sources);
  addLogRoutes(app, sources);
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

function addFarmRoutes(
  app: App,
  { database, overview, changeListeners, runnerUrl, logger }: Sources,
): void {
  /** Overview: numbers of builds by group, and the machines. */
  app.get('/api/overview', async (context) => answerJson(context, await overview()));

  /** EvaluationList: `?jobset=PROJECT:NAME`, paged. */
  app.get('/api/evaluations', async (context) =>
    answerJson(context, await answerEvaluationList(database, context.req.query())),
  );

  /** RunningSteps: what machines are at, longest running first. */
  app.get('/api/steps/running', async (context) =>
    answerJson(context, await listRunningSteps(database)),
  );

  /** ProvisionerList: how the pools of machines stand that come and go. */
  app.get('/api/provisioners', async (context) =>
    answerJson(context, await listProvisioners(runnerUrl, logger)),
  );

  /** Server-sent events `change` (Change), a few a second at most. Whoever comes (back) reads everything first. */
  app.get('/api/events', (context) => {
    changeListeners.expectOneMore();
    changeListeners.add(openEventStream(context.env));
    return RESPONSE_ALREADY_SENT;
  });
}

function addBuildRoutes(app: App, { database, storeDirectory }: Sources): void {
  /** Steps, logs and products too. The page shows who it is to nobody: what is hidden is not there. */
  app.use('/api/builds/:build/*', async (context, next) => {
    await readPublicBuild(database, context.req.param('build'));
    await next();
  });

  /** BuildList: `?status=GROUP`, `?jobset=PROJECT:NAME`, `?search=PART-OF-A-NAME`, paged. */
  app.get('/api/builds', async (context) =>
    answerJson(context, await answerBuildList(database, context.req.query())),
  );

  /** BuildDetail: a build with its steps, outputs, products and metrics. */
  app.get('/api/builds/:build', async (context) => {
    const build = readId(context.req.param('build'), 'build');
    return answerJson(context, await describeBuild(database, storeDirectory, build));
  });

  /** The file or folder that is a product, and what is in the folder. Ranges are understood. */
  const productPath = /^\/api\/builds\/[^/]+\/products\/[^/]+/;
  app.on(
    'GET',
    ['/api/builds/:build/products/:product', '/api/builds/:build/products/:product/*'],
    (context) =>
      answerProduct(
        context,
        { database, storeDirectory },
        {
          build: readId(context.req.param('build'), 'build'),
          number: readId(context.req.param('product'), 'product'),
          rest: context.req.path.replace(productPath, ''),
        },
      ),
  );
}

function addLogRoutes(app: App, sources: Sources): void {
  const logs = { ...sources, listeners: sources.logListeners };

  /** StepDetail. */
  app.get('/api/builds/:build/steps/:step', async (context) => {
    const { build, number } = readStepAddress(context.req.param());
    return answerJson(context, await describeStep(sources.database, build, number));
  });

  /** The log as it is now, as plain text. Ranges are understood. */
  app.get('/api/builds/:build/steps/:step/log', (context) =>
    answerLog(context, logs, readStepAddress(context.req.param())),
  );

  /**
   * The log as it grows, from `Last-Event-ID` or `?offset=BYTES` on, as server-sent events: `text` (a JSON string; its id
   * is the offset after it), `reset` (begin anew: the step did), `end` (the step has ended and this is all).
   */
  app.get('/api/builds/:build/steps/:step/log/live', (context) =>
    answerLiveLog(context, logs, readStepAddress(context.req.param())),
  );
}
