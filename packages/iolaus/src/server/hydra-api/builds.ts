import type { Database } from '../../database/connection/connection.ts';
import { listHydraBuilds, pageHydraBuilds } from '../../database/hydra-api/list-builds.ts';
import { readBuildInfo } from '../../database/hydra-api/read-build-info.ts';
import { readHydraStep } from '../../database/hydra-api/read-step.ts';
import {
  countQueue,
  listLatestBuilds,
  listQueue,
} from '../../database/hydra-api/list-short-builds.ts';
import { readStep } from '../../database/reads/read-step.ts';
import { readBuild } from '../../database/reads/read-build.ts';
import { answerJson, answerJsonText } from '../http/answer.ts';
import { notFound } from '../http/api-error.ts';
import type { RequestContext } from '../http/context.ts';
import { readId } from '../http/parameters.ts';
import { redirect } from '../http/redirect.ts';
import { answerFound, answerPages, isForPeople, jsonList } from './answers.ts';
import { answerDerivationLog } from './log.ts';
import { readCount, readJobFilter } from './parameters.ts';
import type { App, HydraApiSources } from './routes.ts';

export function addBuildRoutes(app: App, sources: HydraApiSources): void {
  const { database } = sources;
  addOneBuild(app, database);
  addLogs(app, sources);

  app.get('/queue', (context) => answerPages(context, pageHydraBuilds(database, 'queued')));
  app.get('/status', async (context) =>
    answerJsonText(context, jsonList(await listHydraBuilds(database, 'running'))),
  );
  app.get('/api/latestbuilds', async (context) => {
    const query = context.req.query();
    const builds = await listLatestBuilds(database, readJobFilter(query), readCount(query));
    return answerJsonText(context, jsonList(builds));
  });
  app.get('/api/queue', async (context) => {
    const builds = await listQueue(database, readCount(context.req.query()));
    return answerJsonText(context, jsonList(builds));
  });
  app.get('/api/nrqueue', async (context) => answerJson(context, await countQueue(database)));
}

const buildOf = (context: RequestContext): number => readId(context.req.param('id'), 'build');

function addOneBuild(app: App, database: Database): void {
  app.get('/build/:id', async (context) => {
    const id = buildOf(context);
    if (isForPeople(context)) return redirect(context, `/builds/${id}`);
    const [build] = await listHydraBuilds(database, 'byId', id);
    return answerFound(context, build, `build ${id}`);
  });
  app.get('/build/:id/constituents', async (context) => {
    const builds = await listHydraBuilds(database, 'constituents', buildOf(context));
    return answerJsonText(context, jsonList(builds));
  });
  app.get('/build/:id/api/get-info', async (context) => {
    const id = buildOf(context);
    return answerFound(context, await readBuildInfo(database, id), `build ${id}`);
  });
  app.get('/build/:id/step/:number', async (context) => {
    const id = buildOf(context);
    const number = readId(context.req.param('number'), 'step');
    if (isForPeople(context)) return redirect(context, `/builds/${id}/steps/${number}`);
    const step = await readHydraStep(database, id, number);
    return answerFound(context, step, `step ${number} of build ${id}`);
  });
}

function addLogs(app: App, { database, logDirectory }: HydraApiSources): void {
  app.get('/log/:derivation', (context) => answerDerivationLog(context, logDirectory));

  app.on('GET', ['/build/:id/log', '/build/:id/log/:mode'], async (context) => {
    const id = buildOf(context);
    if (context.req.param('mode') === undefined) return redirect(context, `/builds/${id}`);
    const build = await readBuild(database, id);
    if (build === null) throw notFound(`There is no build ${id}.`);
    return redirectToLog(context, build.derivation);
  });
  const ofStep = ['nixlog/:number', 'step/:number/log'].map((path) => `/build/:id/${path}`);
  app.on('GET', [...ofStep, ...ofStep.map((path) => `${path}/:mode`)], async (context) => {
    const id = buildOf(context);
    const number = readId(context.req.param('number'), 'step');
    if (context.req.param('mode') === undefined) {
      return redirect(context, `/builds/${id}/steps/${number}`);
    }
    const step = await readStep(database, id, number);
    if (step === null) throw notFound(`Build ${id} has no step ${number}.`);
    return redirectToLog(context, step.derivation);
  });
}

const tailLines = 50;

function redirectToLog(context: RequestContext, derivation: string): Response {
  const mode = context.req.param('mode');
  const name = derivation.slice(derivation.lastIndexOf('/') + 1);
  if (mode === 'raw') return redirect(context, `/log/${name}`);
  if (mode === 'tail') return redirect(context, `/log/${name}?tail=${tailLines}`);
  throw notFound(`A log is “raw” or “tail”, not “${mode}”.`);
}
