import { Gauge, Registry } from 'prom-client';
import { findLatestBuild } from '../../database/hydra-api/find-build.ts';
import type { JobName } from '../../database/hydra-api/find-build.ts';
import {
  listJobSeries,
  listMetricSeries,
  readNewestBuild,
} from '../../database/hydra-api/job-history.ts';
import type { NewestBuild } from '../../database/hydra-api/job-history.ts';
import { countBuildsByPeriod } from '../../database/hydra-api/count-builds-by-period.ts';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { answerJson, answerJsonText } from '../http/answer.ts';
import { ApiError, notFound } from '../http/api-error.ts';
import type { RequestContext } from '../http/context.ts';
import { readText } from '../http/parameters.ts';
import { redirect } from '../http/redirect.ts';
import { jsonList } from './answers.ts';
import { readCount, readJobFilter } from './parameters.ts';
import { restAfter } from './rest-of-path.ts';
import type { App, HydraApiSources } from './routes.ts';

const ofJob = '/job/:project/:jobset/:job';

export function addJobRoutes(app: App, { database }: HydraApiSources): void {
  addLatest(app, database);

  for (const series of ['build-times', 'closure-sizes', 'output-sizes'] as const) {
    app.get(`${ofJob}/${series}`, async (context) => {
      const points = await listJobSeries(database, series, jobOf(context));
      return answerJsonText(context, jsonList(points));
    });
  }
  app.get(`${ofJob}/metric/:metric`, async (context) => {
    const metric = context.req.param('metric');
    return answerJsonText(
      context,
      jsonList(await listMetricSeries(database, jobOf(context), metric)),
    );
  });
  /** What shields.io makes a badge of. */
  app.get(`${ofJob}/shield`, async (context) => {
    const { status } = await newestBuild(database, jobOf(context));
    return answerJson(context, { schemaVersion: 1, label: 'hydra build', ...wordBadge(status) });
  });
  app.get(`${ofJob}/prometheus`, async (context) => {
    const job = jobOf(context);
    return answerMetrics(context, jobMetrics(job, await newestBuild(database, job)));
  });
  app.get('/api/nrbuilds', async (context) => {
    const query = context.req.query();
    const seconds = periodSeconds(readText(query, 'period'));
    const limit = readCount(query);
    const since = Math.floor(Date.now() / 1000) - seconds * limit;
    const filter = readJobFilter(query);
    return answerJson(
      context,
      await countBuildsByPeriod(database, filter, { seconds, limit, since }),
    );
  });
}

type Database = HydraApiSources['database'];

/** To the newest build that succeeded: of all, of a system, of evaluations that are through. */
function addLatest(app: App, database: Database): void {
  const redirectToLatest = async (
    context: RequestContext,
    which: 'latest' | 'latestFinished',
    segments: number,
    system?: string,
  ): Promise<Response> => {
    const job = jobOf(context);
    const build = await findLatestBuild(database, which, job, system);
    if (build === null) throw notFound(`No build of “${job.job}” has succeeded so far.`);
    return redirect(context, `/build/${build}${restAfter(context, segments)}`);
  };
  const withRest = (path: string): string[] => [`${ofJob}/${path}`, `${ofJob}/${path}/*`];
  app.on('GET', withRest('latest'), (context) => redirectToLatest(context, 'latest', 5));
  app.on('GET', withRest('latest-finished'), (context) =>
    redirectToLatest(context, 'latestFinished', 5),
  );
  app.on('GET', withRest('latest-for/:system'), (context) =>
    redirectToLatest(context, 'latest', 6, context.req.param('system')),
  );
}

function jobOf(context: RequestContext): JobName {
  const { project = '', jobset = '', job = '' } = context.req.param();
  return { project, jobset, job };
}

async function newestBuild(database: Database, name: JobName): Promise<NewestBuild> {
  const build = await readNewestBuild(database, name);
  if (build === null) throw notFound(`No build of “${name.job}” has finished so far.`);
  return build;
}

// Numbers of Hydra's build statuses.
const succeeded = 0;
const cancelled = 4;

function wordBadge(status: number): { readonly color: string; readonly message: string } {
  if (status === succeeded) return { color: 'green', message: 'passing' };
  if (status === cancelled) return { color: 'yellow', message: 'cancelled' };
  return { color: 'red', message: 'failing' };
}

function jobMetrics(job: JobName, build: NewestBuild): Registry {
  const registry = new Registry();
  const add = (name: string, help: string, value: number): void => {
    const labelNames = ['project', 'jobset', 'job'] as const;
    new Gauge({ name, help, labelNames, registers: [registry] }).set(job, value);
  };
  const failed = build.status === succeeded ? 0 : 1;
  add('hydra_job_completion_time', 'When the newest build finished, in seconds', build.stopTime);
  add('hydra_job_failed', 'Whether the newest build failed', failed);
  add('hydra_build_closure_size', 'Bytes of the closure', build.closureSize ?? 0);
  add('hydra_build_output_size', 'Bytes of the outputs', build.outputSize ?? 0);
  return registry;
}

async function answerMetrics(context: RequestContext, registry: Registry): Promise<Response> {
  const text = await registry.metrics();
  context.env.outgoing.writeHead(200, { 'content-type': registry.contentType }).end(text);
  return RESPONSE_ALREADY_SENT;
}

function periodSeconds(period: string | undefined): number {
  if (period === 'hour') return 3600;
  if (period === 'day') return 24 * 3600;
  throw new ApiError(400, 'bad-parameter', 'Parameter “period” is “hour” or “day”.');
}
