import { listJobsetOverviews } from '../../database/hydra-api/list-jobset-overviews.ts';
import { listProjects } from '../../database/hydra-api/list-projects.ts';
import { readHydraJobset, readJobsetRename } from '../../database/hydra-api/read-jobset.ts';
import { answerJsonText } from '../http/answer.ts';
import { readText } from '../http/parameters.ts';
import { redirect } from '../http/redirect.ts';
import { answerFound, isForPeople, jsonList } from './answers.ts';
import type { App, HydraApiSources } from './routes.ts';

export function addJobsetRoutes(app: App, { database }: HydraApiSources): void {
  /** [Project] for programs; people get the page. */
  app.get('/', async (context, next) => {
    if (!(context.req.header('accept') ?? '').includes('application/json')) return next();
    return answerJsonText(context, jsonList(await listProjects(database)));
  });

  app.get('/project/:project', async (context) => {
    const project = context.req.param('project');
    const [found] = await listProjects(database, project);
    return answerFound(context, found, `project “${project}”`);
  });

  app.get('/api/jobsets', async (context) => {
    const project = readText(context.req.query(), 'project');
    return answerJsonText(context, jsonList(await listJobsetOverviews(database, project)));
  });

  app.get('/jobset/:project/:jobset', async (context) => {
    const { project, jobset } = context.req.param();
    if (isForPeople(context)) {
      return redirect(context, `/?search=${encodeURIComponent(`${project}:${jobset}`)}`);
    }
    const found = await readHydraJobset(database, project, jobset);
    if (found !== null) return answerJsonText(context, found);
    const renamed = await readJobsetRename(database, project, jobset);
    if (renamed !== null) return redirect(context, `/jobset/${project}/${renamed}`);
    return answerFound(context, null, `jobset “${project}:${jobset}”`);
  });
}
