import type { Database } from '../../database/connection/connection.ts';
import { ApiError } from '../http/api-error.ts';
import type { RequestContext } from '../http/context.ts';
import { recognise } from '../rights/recognise.ts';
import type { Visitor } from '../rights/visitor.ts';

/** Seconds since the epoch. */
export const secondsNow = (): number => Math.floor(Date.now() / 1_000);

/**
 * Who makes a request. A cookie is sent by whatever page asks: what changes something by it must have a header that pages of
 * other sites cannot send. Throws `ApiError`.
 */
export async function introduceVisitor(
  database: Database,
  context: RequestContext,
): Promise<Visitor> {
  const authorization = context.req.header('authorization');
  const cookie = context.req.header('cookie');
  const visitor = await recognise(database, { authorization, cookie }, secondsNow());
  if (visitor === 'refused') {
    throw new ApiError(401, 'bad-token', 'The token is unknown, revoked or expired.');
  }
  const isReading = ['GET', 'HEAD'].includes(context.req.method);
  const isOurs =
    authorization !== undefined || context.req.header('x-requested-with') !== undefined;
  if (visitor.type === 'anonymous' || isReading || isOurs) return visitor;
  throw new ApiError(403, 'other-site', 'A change by a cookie needs the header X-Requested-With.');
}
