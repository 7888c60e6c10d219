import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { RequestContext } from './context.ts';

export function redirect(context: RequestContext, location: string): Response {
  context.env.outgoing.writeHead(302, { location }).end();
  return RESPONSE_ALREADY_SENT;
}
