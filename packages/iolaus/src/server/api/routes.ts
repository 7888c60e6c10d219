import manifest from '#package.json' with { type: 'json' };
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { apiRoot, contract, describeApi } from '../../api/contract.ts';
import type { Endpoint, Operation } from '../../api/contract.ts';
import { answerJsonText } from '../http/answer.ts';
import { notFound } from '../http/api-error.ts';
import type { RequestContext } from '../http/context.ts';
import type { Sources } from '../routes.ts';
import { hiddenProjects } from '../rights/visitor.ts';
import { admitReader, demandRight } from './guard.ts';
import { introduceVisitor } from './introduce.ts';
import type { Call, Handlers } from './handlers.ts';
import { accountHandlers } from './handlers/accounts.ts';
import { actionHandlers } from './handlers/actions.ts';
import { buildHandlers } from './handlers/builds.ts';
import { evaluationHandlers } from './handlers/evaluations.ts';
import { farmHandlers } from './handlers/farm.ts';
import { eventHandlers } from './handlers/events.ts';
import { explanationHandlers } from './handlers/explanations.ts';
import { orderHandlers } from './handlers/orders.ts';
import { queueHandlers } from './handlers/queue.ts';
import { historyHandlers } from './handlers/history.ts';
import { logHandlers } from './handlers/logs.ts';
import { projectHandlers } from './handlers/projects.ts';
import { stepHandlers } from './handlers/steps.ts';
import { uploadHandlers } from './handlers/uploads.ts';
import { answerProblem, parsePart } from './problems.ts';
import { readBody } from './read-body.ts';
import { sendResource } from './send-resource.ts';

const handlers: Handlers = {
  ...farmHandlers,
  ...projectHandlers,
  ...evaluationHandlers,
  ...buildHandlers,
  ...stepHandlers,
  ...logHandlers,
  ...queueHandlers,
  ...explanationHandlers,
  ...historyHandlers,
  ...eventHandlers,
  ...accountHandlers,
  ...actionHandlers,
  ...orderHandlers,
  ...uploadHandlers,
};

type App = Hono<{ Bindings: HttpBindings }>;

/** API v2: every operation of the contract at its address, and the document that describes them. */
export function createApi(sources: Sources): App {
  const app: App = new Hono();
  app.onError((error, context) => answerProblem(context, error, sources.logger));
  const document = JSON.stringify(describeApi(manifest.version));
  app.get('/openapi.json', (context) => answerJsonText(context, document));
  for (const [name, endpoint] of Object.entries<Endpoint>(contract)) {
    const handle = handlersByName[name];
    if (handle === undefined) throw new Error(`nobody handles ${name}`);
    app.on(endpoint.method, endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'), (context) =>
      answerOperation(context, endpoint, handle, sources),
    );
  }
  app.all('*', (context) => {
    throw notFound(
      `Nothing is at ${context.req.path}; ${apiRoot}/openapi.json tells what there is.`,
    );
  });
  return app;
}

type Parts = {
  readonly address: Record<string, unknown>;
  readonly query: Record<string, unknown>;
  readonly body: unknown;
};

/** A handler of whatever operation: what the schemas of its endpoint make is what it takes (`Handlers` sees to that). */
type AnyHandler = { handle(asked: Parts, call: Call): Promise<unknown> }['handle'];

const handlersByName: Readonly<Record<string, AnyHandler>> = handlers;

/** What an operation answers to a visitor whom nobody knows: pages come with it. Throws `ApiError`. */
export async function askAsAnybody(
  name: Operation,
  texts: Readonly<Record<'address' | 'query', Readonly<Record<string, string>>>>,
  { sources, context }: Pick<Call, 'sources' | 'context'>,
): Promise<unknown> {
  const visitor = { type: 'anonymous' } as const;
  const reader = hiddenProjects(visitor);
  const address = parsePart('address', contract[name].address, texts.address);
  await admitReader(sources.database, reader, address);
  const asked = { address, query: parsePart('query', contract[name].query, texts.query) };
  return handlersByName[name]?.(
    { ...asked, body: undefined },
    { sources, context, visitor, reader },
  );
}

async function answerOperation(
  context: RequestContext,
  endpoint: Endpoint,
  handle: AnyHandler,
  sources: Sources,
): Promise<Response> {
  const { database, logger } = sources;
  const visitor = await introduceVisitor(database, context);
  const address = parsePart('address', endpoint.address, context.req.param());
  const reader = hiddenProjects(visitor);
  demandRight(visitor, endpoint.right, await admitReader(database, reader, address));
  const { fields, ...query } = context.req.query();
  const asked = {
    address,
    query: parsePart('query', endpoint.query, query),
    body: parsePart('body', endpoint.body, await readBody(context, endpoint)),
  };
  const answer = await handle(asked, { sources, context, visitor, reader });
  if (endpoint.method !== 'GET' && visitor.type !== 'anonymous') {
    const { path, method } = context.req;
    logger.info({ user: visitor.user.name, method, path }, 'a person changed something');
  }
  return endpoint.form === 'json' ? sendResource(context, answer, fields) : RESPONSE_ALREADY_SENT;
}
