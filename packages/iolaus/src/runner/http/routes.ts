import { z } from 'zod';
import { buildId, jobsetId } from '../../farm/identity.ts';
import type { HostHold } from '../../farm/host-hold.ts';
import type { BuildId, JobsetId } from '../../farm/identity.ts';
import {
  answerActive,
  answerJobsets,
  answerMachines,
  answerQueues,
  answerStatus,
  listBuilds,
  listStepInfos,
  listSteps,
} from './answers.ts';
import { printList } from './json-list.ts';
import { answerDemand } from './demand.ts';
import type { Metrics } from './metrics.ts';
import { RestError } from './rest-error.ts';
import type { Sight } from './sight.ts';

export type Answer =
  | { readonly type: 'json'; readonly body: unknown }
  | { readonly type: 'text'; readonly text: string; readonly contentType: string }
  /** JSON in pieces. */
  | { readonly type: 'stream'; readonly pieces: AsyncIterable<string> };

/** A route that fits; `body` is only read where something changes. */
export type Found = {
  readonly changes: boolean;
  answer(body: unknown): Answer | Promise<Answer>;
};

export type Route = {
  readonly method: string;
  /** Without a trailing slash; `:build` stands for a whole number. */
  readonly path: string;
  readonly changes: boolean;
  answer(request: { readonly build: BuildId; readonly body: unknown }): Answer | Promise<Answer>;
};

/** What can be changed over HTTP. Both throw `RestError` for what the client got wrong. */
export type Changes = {
  /** Queues a derivation of the runner's store as a build of the jobset. */
  submit(derivation: string, jobset: JobsetId): Promise<void>;
  /** Takes one build from the database into the farm now; nothing where it is finished or unknown. */
  take(build: BuildId): Promise<void>;
  /** What is wanted of a host; null: nothing any more. Counts until this runner ends. */
  hold(hostname: string, hold: HostHold | null): Promise<void>;
};

/** All endpoints of Hydra's queue runner, with its shapes. */
export function restRoutes(sight: Sight, metrics: Metrics, changes: Changes): readonly Route[] {
  return [
    read('/status', async () => json(await answerStatus(sight))),
    read('/status/machines', () => json(answerMachines(sight))),
    read('/status/jobsets', async () => json(await answerJobsets(sight))),
    read('/status/builds', () => list('builds', 'buildCount', listBuilds(sight))),
    read('/status/steps', () => list('steps', 'stepCount', listSteps(sight, 'all'))),
    read('/status/runnable', () => list('steps', 'stepCount', listSteps(sight, 'started'))),
    read('/status/queues', () => json(answerQueues(sight))),
    read('/status/queues/jobs', () => list('steps', 'stepCount', listStepInfos(sight, 'started'))),
    read('/status/queues/scheduled', () =>
      list('steps', 'stepCount', listStepInfos(sight, 'running')),
    ),
    // Builders upload by themselves, or the paths are in the runner's store at once.
    read('/status/uploads', () => json({ paths: [], pathCount: 0 })),
    read('/status/build/:build/active', async ({ build }) =>
      json(await answerActive(sight.database, build)),
    ),
    // Not Hydra's: what a provisioner decides by.
    read('/demand', () => json(answerDemand(sight))),
    read('/metrics', async () => {
      const { contentType } = metrics;
      return { type: 'text', text: await metrics.render(), contentType };
    }),
    change('PUT', '/build', async ({ body }) => {
      const { drv, jobsetId: jobset } = parseBody(submission, body);
      await changes.submit(drv, jobsetId(jobset));
      return json({});
    }),
    // Not Hydra's: who holds a host back gets no more work for it, until it is released.
    change('POST', '/machines/hold', async ({ body }) => {
      const { hostname, hold } = parseBody(holding, body);
      await changes.hold(hostname, hold);
      return json({});
    }),
    change('POST', '/build_one', async ({ body }) => {
      await changes.take(buildId(parseBody(taking, body).buildId));
      return json({});
    }),
  ];
}

/** A trailing slash changes nothing, but for a build: so it is with Hydra's. */
export function findRoute(routes: readonly Route[], method: string, url: string): Found | null {
  const asked = url.replace(/[?#].*$/, '');
  const path = asked.replace(/(?<=.)\/$/, '');
  for (const route of routes) {
    if (route.method !== method) continue;
    const build = matchPath(route.path, route.path.includes(':build') ? asked : path);
    if (build === null) continue;
    return { changes: route.changes, answer: (body) => route.answer({ build, body }) };
  }
  return null;
}

/** The number that stands at `:build`, 0 where there is none; null if the path is another one. */
function matchPath(pattern: string, path: string): BuildId | null {
  const [before = '', after] = pattern.split(':build');
  if (after === undefined) return path === pattern ? buildId(0) : null;
  if (!path.startsWith(before) || !path.endsWith(after)) return null;
  const number = path.slice(before.length, path.length - after.length);
  return /^\d{1,10}$/.test(number) && Number(number) <= largestId ? buildId(Number(number)) : null;
}

const largestId = 2 ** 31 - 1;
const id = z.number().int().min(1).max(largestId);
const submission = z.object({ drv: z.string().min(1), jobsetId: id });
const taking = z.object({ buildId: id });
const holding = z.object({
  hostname: z.string().min(1).max(255),
  hold: z.enum(['paused', 'draining']).nullable(),
});

function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new RestError(400, z.prettifyError(parsed.error).replaceAll('\n', ' '));
}

const read = (path: string, answer: Route['answer']): Route => ({
  ...{ method: 'GET', path, changes: false },
  answer,
});

const change = (method: string, path: string, answer: Route['answer']): Route => ({
  ...{ method, path, changes: true },
  answer,
});

const json = (body: unknown): Answer => ({ type: 'json', body });

const list = (
  name: string,
  countName: string,
  items: Iterable<unknown> | AsyncIterable<unknown>,
): Answer => ({ type: 'stream', pieces: printList(name, countName, items) });
