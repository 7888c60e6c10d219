import type { FileHandle } from 'node:fs/promises';
import type { OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { accepts } from './answer.ts';
import { ApiError } from './api-error.ts';
import { parseRange } from './byte-range.ts';
import type { RequestContext } from './context.ts';

export type FileAnswer = {
  /** Closed when all is sent, or nobody wants the rest. */
  readonly file: Pick<FileHandle, 'createReadStream' | 'close'>;
  /** All that there is of it, in bytes. */
  readonly size: number;
  /** Where to begin if nothing else is asked for; at the beginning if it is not said. */
  readonly start?: number;
  readonly headers: OutgoingHttpHeaders;
  /** Text shrinks; what builds make is mostly compressed already. */
  readonly compress: boolean;
};

/** Sends a file as it is now, or the part of it that was asked for, as fast as it is taken and no faster. */
export async function sendFile(context: RequestContext, answer: FileAnswer): Promise<Response> {
  const { file, size, headers } = answer;
  await using closed = new AsyncDisposableStack();
  closed.defer(() => file.close());
  const range = parseRange(context.req.header('range'), size);
  if (range === 'unsatisfiable') throw refuseRange(context, size);
  const compressed = answer.compress && range === undefined && accepts(context, 'gzip');
  const { start, end } = range ?? { start: answer.start ?? 0, end: size - 1 };
  const { outgoing } = context.env;
  outgoing.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    'accept-ranges': 'bytes',
    ...(answer.compress ? { vary: 'accept-encoding' } : {}),
    ...(range === undefined
      ? {}
      : { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
    ...(compressed ? { 'content-encoding': 'gzip' } : { 'content-length': end - start + 1 }),
  });
  if (context.env.incoming.method === 'HEAD' || end < start) {
    outgoing.end();
    return RESPONSE_ALREADY_SENT;
  }
  const bytes = file.createReadStream({ start, end, autoClose: false });
  const sent = compressed
    ? pipeline(bytes, createGzip({ level: 4 }), outgoing)
    : pipeline(bytes, outgoing);
  await sent.catch(ignoreDeparture);
  return RESPONSE_ALREADY_SENT;
}

function refuseRange(context: RequestContext, size: number): ApiError {
  context.env.outgoing.setHeader('content-range', `bytes */${size}`);
  return new ApiError(416, 'range-not-satisfiable', `There are only ${size} bytes.`);
}

/** Whoever asked may leave at any time. */
export function ignoreDeparture(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET') throw error;
}
