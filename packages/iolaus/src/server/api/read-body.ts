import { z } from 'zod';
import type { Endpoint } from '../../api/contract.ts';
import { ApiError } from '../http/api-error.ts';
import type { RequestContext } from '../http/context.ts';

// A name, a password, some words.
const bodyBytesMax = 16_384;

/**
 * The JSON of a request; undefined where the endpoint takes none. It must say that it is JSON, which no form of another site
 * can. Throws `ApiError`.
 */
export async function readBody(context: RequestContext, { body }: Endpoint): Promise<unknown> {
  if (body instanceof z.ZodUndefined) return undefined;
  if (context.req.header('content-type')?.split(';')[0] !== 'application/json') {
    throw new ApiError(415, 'not-json', 'The body is to be JSON: Content-Type: application/json.');
  }
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of context.env.incoming) {
    if (!(piece instanceof Buffer)) continue;
    bytes += piece.length;
    if (bytes > bodyBytesMax) {
      throw new ApiError(413, 'too-long', `The body is longer than ${bodyBytesMax} bytes.`);
    }
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString());
  } catch {
    throw new ApiError(400, 'not-json', 'The body is no JSON.');
  }
}
