import { createHash } from 'node:crypto';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { answerJsonText } from '../http/answer.ts';
import type { RequestContext } from '../http/context.ts';
import { MisfitError } from './problems.ts';

/** Answers with a resource or a list, or, to whoever has it already (`If-None-Match`), that it is the same still. */
export async function sendResource(
  context: RequestContext,
  resource: unknown,
  fields: string | undefined,
): Promise<Response> {
  const json = JSON.stringify(fields === undefined ? resource : pickFields(resource, fields));
  const tag = `W/"${createHash('sha256').update(json).digest('base64url').slice(0, 22)}"`;
  const { outgoing } = context.env;
  outgoing.setHeader('etag', tag);
  if (context.req.header('if-none-match') !== tag) {
    return answerJsonText(context, json, 200, 'private, no-cache');
  }
  outgoing.writeHead(304).end();
  return RESPONSE_ALREADY_SENT;
}

/** Of a list the fields of its items, of a resource its own. */
function pickFields(resource: unknown, fields: string): unknown {
  const names = fields.split(',');
  if (!isRecord(resource)) return resource;
  const { items } = resource;
  if (!Array.isArray(items)) return pick(resource, names);
  return { ...resource, items: items.map((item) => pick(item, names)) };
}

function pick(item: unknown, names: readonly string[]): unknown {
  if (!isRecord(item)) return item;
  return Object.fromEntries(
    names.map((name) => {
      if (Object.hasOwn(item, name)) return [name, item[name]];
      const message = `There is no field “${name}”: there are ${Object.keys(item).join(', ')}.`;
      throw new MisfitError([{ pointer: '/query/fields', message }]);
    }),
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
