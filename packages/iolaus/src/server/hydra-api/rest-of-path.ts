import type { RequestContext } from '../http/context.ts';

/** What follows the first `segments` of the address, with its slash and query; empty if nothing does. */
export function restAfter(context: RequestContext, segments: number): string {
  const { pathname, search } = new URL(context.req.url);
  const rest = pathname.split('/').slice(segments + 1);
  return `${rest.map((segment) => `/${segment}`).join('')}${search}`;
}
