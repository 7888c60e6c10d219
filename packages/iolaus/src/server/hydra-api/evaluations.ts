import {
  countHydraEvaluations,
  listEvaluationInfos,
  listHydraEvaluations,
  readHydraEvaluation,
} from '../../database/hydra-api/list-evaluations.ts';
import {
  findBuildOfEvaluation,
  findLatestEvaluation,
} from '../../database/hydra-api/find-build.ts';
import { pageHydraBuilds } from '../../database/hydra-api/list-builds.ts';
import { listStorePaths } from '../../database/hydra-api/list-store-paths.ts';
import { answerJson, answerJsonText } from '../http/answer.ts';
import { notFound } from '../http/api-error.ts';
import { readId } from '../http/parameters.ts';
import { redirect } from '../http/redirect.ts';
import { answerFound, answerPages, jsonList } from './answers.ts';
import { pageLinks, readPageNumber } from './parameters.ts';
import { restAfter } from './rest-of-path.ts';
import type { App, HydraApiSources } from './routes.ts';

export function addEvaluationRoutes(app: App, { database }: HydraApiSources): void {
  addLists(app, database);

  app.get('/eval/:id', async (context) => {
    const id = readId(context.req.param('id'), 'evaluation');
    return answerFound(context, await readHydraEvaluation(database, id), `evaluation ${id}`);
  });

  /** [Build], as they are read: an evaluation of nixpkgs has a hundred thousand. */
  app.get('/eval/:id/builds', async (context) => {
    const id = readId(context.req.param('id'), 'evaluation');
    return answerPages(context, pageHydraBuilds(database, { evaluation: id }));
  });

  app.get('/eval/:id/store-paths', async (context) => {
    const id = readId(context.req.param('id'), 'evaluation');
    return answerJson(context, await listStorePaths(database, id));
  });

  app.on('GET', ['/eval/:id/job/:job', '/eval/:id/job/:job/*'], async (context) => {
    const id = readId(context.req.param('id'), 'evaluation');
    const job = context.req.param('job');
    const build = await findBuildOfEvaluation(database, id, job);
    if (build === null) throw notFound(`Evaluation ${id} has no job “${job}”.`);
    return redirect(context, `/build/${build}${restAfter(context, 4)}`);
  });
}

type Database = HydraApiSources['database'];

function addLists(app: App, database: Database): void {
  /** { evals: [EvalInfo], first, last, next?, previous? } */
  app.get('/evals', async (context) => {
    const { page, ...window } = readPageNumber(context.req.query());
    const infos = await listEvaluationInfos(database, window);
    const links = pageLinks(page, await countHydraEvaluations(database));
    return answerJsonText(context, withEvals(links, infos));
  });

  /** { evals: [JobsetEval], first, last, next?, previous? } */
  app.get('/jobset/:project/:jobset/evals', async (context) => {
    const name = context.req.param();
    const { page, ...window } = readPageNumber(context.req.query());
    const evaluations = await listHydraEvaluations(database, name, window);
    const links = pageLinks(page, await countHydraEvaluations(database, name));
    return answerJsonText(context, withEvals(links, evaluations));
  });

  const latest = '/jobset/:project/:jobset/latest-eval';
  app.on('GET', [latest, `${latest}/*`], async (context) => {
    const { project, jobset } = context.req.param();
    const id = await findLatestEvaluation(database, { project, jobset });
    if (id === null) throw notFound(`“${project}:${jobset}” has no evaluation that is through.`);
    return redirect(context, `/eval/${id}${restAfter(context, 4)}`);
  });
}

const withEvals = (links: Readonly<Record<string, string>>, evals: readonly string[]): string =>
  `${JSON.stringify(links).slice(0, -1)},"evals":${jsonList(evals)}}`;
