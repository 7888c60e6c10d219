import { apiRoot } from '../api/contract.ts';
import type { Operation } from '../api/contract.ts';
import { askAsAnybody } from './api/routes.ts';
import { gatherFirstAnswers } from './first-answers.ts';
import type { RequestContext } from './http/context.ts';
import type { App, Sources } from './routes.ts';

type Texts = Readonly<Record<string, string>>;

/** What a page will ask API v2 for first: it is sent along with the page. */
type Question = {
  readonly name: Operation;
  /** Below the root of the API, without the query. */
  readonly path: string;
  readonly address?: Texts;
  readonly query?: Texts;
};

const farm = {
  builders: { name: 'listBuilders', path: '/builders' },
  systems: { name: 'listSystems', path: '/queue/systems' },
  next: { name: 'listNextSteps', path: '/queue/next' },
  signIns: { name: 'readSignIns', path: '/sign-ins' },
  counts: { name: 'countBuilds', path: '/builds/counts' },
  running: { name: 'listRunningSteps', path: '/steps/running' },
} as const satisfies Readonly<Record<string, Question>>;

/** As many as the page shows of a build (`pages/build-page.tsx`). */
const stepsOfBuild = { limit: '500' };

/** The addresses that the page knows, each with what it will ask for first. */
export function addPageRoutes(app: App, sources: Sources): void {
  const { page } = sources;
  const pages: Readonly<Record<string, (context: RequestContext) => readonly Question[]>> = {
    '/': (context) => [
      { name: 'listBuilds', path: '/builds', query: context.req.query() },
      farm.counts,
      farm.running,
    ],
    '/now': () => [farm.builders, farm.systems, farm.next],
    '/builders': () => [farm.builders],
    '/builders/:builder': () => [farm.builders],
    '/account': () => [farm.signIns],
    '/builds/:build': ({ req }) => [
      { name: 'readBuild', path: req.path, address: req.param() },
      {
        name: 'listBuildSteps',
        path: `${req.path}/steps`,
        address: req.param(),
        query: stepsOfBuild,
      },
    ],
    '/builds/:build/steps/:step': ({ req }) => [
      { name: 'readStep', path: req.path, address: req.param() },
    ],
    '/evaluations': ({ req }) => [
      { name: 'listEvaluations', path: '/evaluations', query: req.query() },
    ],
    '/evaluations/:evaluation': ({ req }) => [
      { name: 'readEvaluation', path: req.path, address: req.param() },
    ],
  };
  for (const [path, questionsOf] of Object.entries(pages)) {
    app.get(path, (context) => answerPage(context, sources, questionsOf(context)));
  }
  app.get('*', (context) => page.answerFile(context) ?? page.answerPage(context, 404));
}

/** With the first window of the queue, as the page asks for it. */
export const answerQueuePage = (context: RequestContext, sources: Sources): Promise<Response> =>
  answerPage(context, sources, [
    {
      name: 'listQueuedSteps',
      path: '/queue/steps',
      query: { ...context.req.query(), limit: '100' },
    },
  ]);

async function answerPage(
  context: RequestContext,
  sources: Sources,
  questions: readonly Question[],
): Promise<Response> {
  const asked = questions.map(({ name, path, address = {}, query = {} }) => {
    const search = new URLSearchParams(query).toString();
    return [
      `${apiRoot}${path}${search === '' ? '' : `?${search}`}`,
      () => askAsAnybody(name, { address, query }, { sources, context }),
    ] as const;
  });
  const first = await gatherFirstAnswers(Object.fromEntries(asked));
  return sources.page.answerPage(context, 200, first);
}
