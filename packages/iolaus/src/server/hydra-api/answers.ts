import type { RequestContext } from '../http/context.ts';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { answerJsonText } from '../http/answer.ts';
import { notFound } from '../http/api-error.ts';
import { dataPolicy } from '../http/headers.ts';
import { ignoreDeparture } from '../http/send-file.ts';

/** Answers with JSON that the database wrote; what is null there is not there. */
export function answerFound(
  context: RequestContext,
  json: string | null | undefined,
  what: string,
): Promise<Response> {
  if (json === null || json === undefined) throw notFound(`There is no ${what}.`);
  return answerJsonText(context, json);
}

export const jsonList = (items: readonly string[]): string => `[${items.join(',')}]`;

/** Answers with a list of unknown length while it is read, as fast as it is taken and no faster. */
export async function answerPages(
  context: RequestContext,
  pages: AsyncIterable<readonly string[]>,
): Promise<Response> {
  const text = listText(pages);
  // Asked before the status is said: what fails at once fails with the right one.
  const first = await text.next();
  const { outgoing } = context.env;
  outgoing.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-security-policy': dataPolicy,
    'cache-control': 'no-store',
  });
  await pipeline(Readable.from(withFirst(first, text)), outgoing).catch(ignoreDeparture);
  return RESPONSE_ALREADY_SENT;
}

async function* listText(pages: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  let separator = '[';
  for await (const page of pages) {
    yield `${separator}${page.join(',')}`;
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}

async function* withFirst(
  first: IteratorResult<string>,
  rest: AsyncGenerator<string>,
): AsyncGenerator<string> {
  if (first.done !== true) yield first.value;
  yield* rest;
}

/** Whether somebody looks at it, and not a program. */
export function isForPeople(context: RequestContext): boolean {
  const accepted = context.req.header('accept') ?? '';
  return accepted.includes('text/html') && !accepted.includes('application/json');
}
