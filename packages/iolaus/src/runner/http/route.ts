import type { z } from 'zod';
import { buildId } from '../../farm/identity.ts';
import type { BuildId } from '../../farm/identity.ts';
import { printLines, printList } from './json-list.ts';
import { RestError } from './rest-error.ts';

export type Answer =
  | { readonly type: 'json'; readonly body: unknown }
  | { readonly type: 'text'; readonly text: string; readonly contentType: string }
  /** JSON in pieces. */
  | { readonly type: 'stream'; readonly pieces: AsyncIterable<string> };

/** What somebody must be allowed to do. Everybody may look. */
export type Right = 'look' | 'change' | 'declare-emergency';

/** A route that fits; `body` is only read where something changes. */
export type Found = {
  readonly right: Right;
  answer(body: unknown): Answer | Promise<Answer>;
};

export type Asked = {
  readonly build: BuildId;
  readonly query: URLSearchParams;
  readonly body: unknown;
};

export type Route = {
  readonly method: string;
  /** Without a trailing slash; `:build` stands for a whole number. */
  readonly path: string;
  readonly right: Right;
  answer(request: Asked): Answer | Promise<Answer>;
};

export const read = (path: string, answer: Route['answer']): Route => ({
  method: 'GET',
  path,
  right: 'look',
  answer,
});

export const change = (
  right: Exclude<Right, 'look'>,
  method: string,
  path: string,
  answer: Route['answer'],
): Route => ({ method, path, right, answer });

export const json = (body: unknown): Answer => ({ type: 'json', body });

export const list = (
  name: string,
  countName: string,
  items: Iterable<unknown> | AsyncIterable<unknown>,
): Answer => ({ type: 'stream', pieces: printList(name, countName, items) });

/** JSON values, one a line: what is too much to be read at once. */
export const lines = (items: Iterable<unknown>): Answer => ({
  type: 'stream',
  pieces: printLines(items),
});

/** Throws `RestError` where the client has sent something else. */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.length === 0 ? 'the body' : path.join('.')}: ${message}`,
  );
  throw new RestError(400, problems.join('; '));
}

/** A trailing slash changes nothing, but for a build: so it is with Hydra's. */
export function findRoute(routes: readonly Route[], method: string, url: string): Found | null {
  const asked = url.replace(/[?#].*$/, '');
  const path = asked.replace(/(?<=.)\/$/, '');
  const query = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1]);
  for (const route of routes) {
    if (route.method !== method) continue;
    const build = matchPath(route.path, route.path.includes(':build') ? asked : path);
    if (build === null) continue;
    return { right: route.right, answer: (body) => route.answer({ build, query, body }) };
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

/** PostgreSQL's `integer`. */
export const largestId = 2 ** 31 - 1;
