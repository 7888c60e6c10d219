import { headerOf } from '../http/http-client.ts';
import type { HttpAnswer } from '../http/http-client.ts';
import type { ObjectFacts } from './object-store.ts';

/** What the head of an answer says of an object. */
export function factsOf(answer: HttpAnswer): ObjectFacts {
  return {
    sizeInBytes: Number(headerOf(answer, 'content-length') ?? 0),
    contentEncoding: headerOf(answer, 'content-encoding'),
  };
}
