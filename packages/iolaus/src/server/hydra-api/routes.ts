import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { Database } from '../../database/connection/connection.ts';
import type { Logger } from '../../logging/logger.ts';
import { answerFailure, wordError } from '../http/answer.ts';
import { addBuildRoutes } from './builds.ts';
import { addDownloadRoutes } from './downloads.ts';
import { addEvaluationRoutes } from './evaluations.ts';
import { addFarmRoutes } from './farm.ts';
import { addJobRoutes } from './jobs.ts';
import { addJobsetRoutes } from './jobsets.ts';
import { addStoreCacheRoutes } from './store-cache.ts';
import type { StoreCache } from './store-cache.ts';

export type HydraApiSources = {
  readonly database: Database;
  readonly logDirectory: string;
  readonly storeDirectory: string;
  /** The runner's REST endpoint. */
  readonly runnerUrl: string | undefined;
  /** Undefined where the server has no store to give out. */
  readonly storeCache: StoreCache | undefined;
  readonly logger: Logger;
};

export type App = Hono<{ Bindings: HttpBindings }>;

/**
 * What Hydra's own clients ask for, at its addresses and in its shapes: badges, channel scripts, command line tools.
 * Reading only. Errors are `{"error": TEXT}`.
 */
export function createHydraApi(sources: HydraApiSources): App {
  const app: App = new Hono();
  app.onError((error, context) => {
    const { status, message } = wordError(error, context.req.path, sources.logger);
    return answerFailure(context, { error: message }, status);
  });
  addJobsetRoutes(app, sources);
  addEvaluationRoutes(app, sources);
  addBuildRoutes(app, sources);
  addDownloadRoutes(app, sources);
  addJobRoutes(app, sources);
  addFarmRoutes(app, sources);
  if (sources.storeCache !== undefined) addStoreCacheRoutes(app, sources.storeCache);
  return app;
}
