import type { RequestContext } from '../http/context.ts';

/** What follows the first `segments` of the address, as it was sent, with its slash; empty if nothing does. */
export const pathAfter = (context: RequestContext, segments: number): string =>
  context.req.path
    .split('/')
    .slice(segments + 1)
    .map((segment) => `/${segment}`)
    .join('');

/** The same with the query. */
export const restAfter = (context: RequestContext, segments: number): string =>
  pathAfter(context, segments) + new URL(context.req.url).search;
