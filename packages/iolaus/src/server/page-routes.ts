import { apiRoot } from '../api/contract.ts';
import type { Operation } from '../api/contract.ts';
import { admitReader } from './api/guard.ts';
import { askAsAnybody } from './api/routes.ts';
import { readPublicBuild, readStepAddress } from './builds/addresses.ts';
import { answerBuildList, describeBuild } from './builds/builds.ts';
import { listProvisioners } from './builds/provisioners.ts';
import { describeStep, listRunningSteps } from './builds/steps.ts';
import { gatherFirstAnswers } from './first-answers.ts';
import type { RequestContext } from './http/context.ts';
import type { App, Sources } from './routes.ts';

/** The addresses that the page knows, each with what it will ask for first. */
export function addPageRoutes(app: App, sources: Sources): void {
  const { page, database, overview, storeDirectory, runnerUrl, logger } = sources;
  addFarmPageRoutes(app, sources);
  app.get('/', async (context) => {
    const { search } = new URL(context.req.url);
    const first = await gatherFirstAnswers({
      '/api/overview': overview,
      [`/api/builds${search}`]: () => answerBuildList(database, context.req.query()),
      '/api/steps/running': () => listRunningSteps(database),
      '/api/provisioners': () => listProvisioners(runnerUrl, logger),
    });
    return page.answerPage(context, 200, first);
  });
  app.get('/builds/:build', async (context) => {
    const first = await gatherFirstAnswers({
      [`/api${context.req.path}`]: async () => {
        const build = await readPublicBuild(database, context.req.param('build'));
        return describeBuild(database, storeDirectory, build);
      },
    });
    return page.answerPage(context, 200, first);
  });
  app.get('/builds/:build/steps/:step', async (context) => {
    const first = await gatherFirstAnswers({
      [`/api${context.req.path}`]: async () => {
        const { build, number } = readStepAddress(context.req.param());
        await admitReader(database, [], { build });
        return describeStep(database, build, number);
      },
    });
    return page.answerPage(context, 200, first);
  });
  for (const path of ['/evaluations', '/evaluations/:evaluation']) {
    app.get(path, (context) => page.answerPage(context, 200));
  }
  app.get('*', (context) => page.answerFile(context) ?? page.answerPage(context, 404));
}

/** What the farm does now, and its machines. */
function addFarmPageRoutes(app: App, sources: Sources): void {
  const { page } = sources;
  app.get('/now', async (context) => {
    const ask = (name: Operation) => () => askAsAnybody(name, {}, { sources, context });
    const first = await gatherFirstAnswers({
      [`${apiRoot}/builders`]: ask('listBuilders'),
      [`${apiRoot}/queue/systems`]: ask('listSystems'),
      [`${apiRoot}/queue/next`]: ask('listNextSteps'),
    });
    return page.answerPage(context, 200, first);
  });
  for (const path of ['/builders', '/builders/:builder']) {
    app.get(path, async (context) => {
      const first = await gatherFirstAnswers({
        [`${apiRoot}/builders`]: () => askAsAnybody('listBuilders', {}, { sources, context }),
      });
      return page.answerPage(context, 200, first);
    });
  }
  app.get('/account', async (context) => {
    const first = await gatherFirstAnswers({
      [`${apiRoot}/sign-ins`]: () => askAsAnybody('readSignIns', {}, { sources, context }),
    });
    return page.answerPage(context, 200, first);
  });
}

/** With the first window of the queue, as the page asks for it. */
export async function answerQueuePage(
  context: RequestContext,
  sources: Sources,
): Promise<Response> {
  const query = { ...context.req.query(), limit: '100' };
  const address = `${apiRoot}/queue/steps?${new URLSearchParams(query).toString()}`;
  const first = await gatherFirstAnswers({
    [address]: () => askAsAnybody('listQueuedSteps', query, { sources, context }),
  });
  return sources.page.answerPage(context, 200, first);
}
