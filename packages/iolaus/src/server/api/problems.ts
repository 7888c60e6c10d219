import type { z } from 'zod';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Problem } from '../../api/contract.ts';
import type { Logger } from '../../logging/logger.ts';
import { wordError } from '../http/answer.ts';
import type { RequestContext } from '../http/context.ts';
import { dataPolicy } from '../http/headers.ts';

/** A request that does not fit its endpoint, with every place where it does not. */
export class MisfitError extends Error {
  override readonly name = 'MisfitError';
  readonly errors: NonNullable<Problem['errors']>;

  constructor(errors: NonNullable<Problem['errors']>) {
    super('The request is not what this address takes.');
    this.errors = errors;
  }
}

/** The part of a request as its schema makes it. Throws `MisfitError` with pointers that begin with `place`. */
export function parsePart<Schema extends z.ZodType>(
  place: string,
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new MisfitError(
    parsed.error.issues.map(({ path, message }) => ({
      pointer: ['', place, ...path].join('/'),
      message,
    })),
  );
}

/** Says why there is no answer, as RFC 9457 has it; if one was begun, it is broken off. */
export function answerProblem(context: RequestContext, error: unknown, logger: Logger): Response {
  const { outgoing } = context.env;
  if (outgoing.headersSent) {
    outgoing.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  const problem = describeProblem(error, context.req.path, logger);
  if (problem.code === 'too-many-requests') outgoing.setHeader('retry-after', '1');
  outgoing.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    'content-security-policy': dataPolicy,
    'cache-control': 'no-store',
  });
  outgoing.end(JSON.stringify(problem));
  return RESPONSE_ALREADY_SENT;
}

function describeProblem(error: unknown, path: string, logger: Logger): Problem {
  if (error instanceof MisfitError) {
    const { message, errors } = error;
    return { title: 'Bad request', status: 400, detail: message, code: 'bad-request', errors };
  }
  const { status, code, message } = wordError(error, path, logger);
  return { title: code.replaceAll('-', ' '), status, detail: message, code };
}
