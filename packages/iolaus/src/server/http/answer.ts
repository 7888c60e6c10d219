import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Fault } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import { ApiError } from './api-error.ts';
import type { RequestContext } from './context.ts';
import { dataPolicy } from './headers.ts';

const compress = promisify(gzip);

// Below it the compressed answer fills as many packets as the plain one.
const compressBytesMin = 1400;

/** Answers with JSON, compressed where that is understood. */
export const answerJson = (
  context: RequestContext,
  body: unknown,
  status = 200,
): Promise<Response> => answerJsonText(context, JSON.stringify(body), status);

/** Answers with what is JSON already. */
export async function answerJsonText(
  context: RequestContext,
  json: string,
  status = 200,
  cacheControl = 'no-store',
): Promise<Response> {
  const { incoming, outgoing } = context.env;
  let bytes: Buffer = Buffer.from(json);
  outgoing.setHeader('vary', 'accept-encoding');
  if (bytes.length >= compressBytesMin && accepts(context, 'gzip')) {
    bytes = await compress(bytes, { level: 4 });
    outgoing.setHeader('content-encoding', 'gzip');
  }
  outgoing.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
    'content-security-policy': dataPolicy,
    'cache-control': cacheControl,
  });
  outgoing.end(incoming.method === 'HEAD' ? undefined : bytes);
  return RESPONSE_ALREADY_SENT;
}

/** Says why there is no answer; if one was begun, it is broken off. */
export async function answerFailure(
  context: RequestContext,
  body: unknown,
  status: number,
): Promise<Response> {
  if (context.env.outgoing.headersSent) {
    context.env.outgoing.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  return answerJson(context, body, status);
}

/** What whoever asked for `path` is told of an error; the log is told the rest. */
export function wordError(
  error: unknown,
  path: string,
  logger: Logger,
): { status: number; code: string; message: string } {
  if (error instanceof ApiError) return error;
  logger.error({ path, error }, 'a request failed');
  // Who reads the page need not know where the database is, or what it said.
  if (error instanceof Fault && error.code === 'database-unreachable') {
    return { status: 503, code: error.code, message: 'The database does not answer.' };
  }
  return {
    status: 500,
    code: 'internal',
    message: 'Something went wrong in the server. Its log says what.',
  };
}

/** Whether whoever asks understands an encoding. */
export function accepts(context: RequestContext, encoding: 'gzip' | 'br'): boolean {
  const accepted = context.req.header('accept-encoding') ?? '';
  return accepted.split(',').some((entry) => {
    const [name, weight] = entry.trim().split(/\s*;\s*q=/);
    return name === encoding && Number(weight ?? 1) > 0;
  });
}
