import type { RequestContext } from './context.ts';

export type Cookie = {
  readonly name: string;
  readonly value: string;
  /** With `Lax` it comes, too, when a page of another site leads here. */
  readonly site: 'Strict' | 'Lax';
  readonly path: string;
  /** 0 takes it away. */
  readonly seconds: number;
  /** Scripts of the page can read it; no others can. */
  readonly isForScripts?: boolean;
};

/** Sends a cookie along; over HTTPS only where the request came so. */
export function sendCookie(context: RequestContext, cookie: Cookie): void {
  const { name, value, site, path, seconds, isForScripts = false } = cookie;
  const attributes = [
    ...(isForScripts ? [] : ['HttpOnly']),
    `SameSite=${site}`,
    `Path=${path}`,
    `Max-Age=${seconds}`,
    ...(isEncrypted(context) ? ['Secure'] : []),
  ];
  context.env.outgoing.appendHeader('set-cookie', `${name}=${value}; ${attributes.join('; ')}`);
}

/** The value of a cookie in the header of a request. */
export function readCookie(header: string | undefined, wanted: string): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === wanted)?.[1];
}

/** Whether a proxy took the request over HTTPS. */
export const isEncrypted = (context: RequestContext): boolean =>
  context.req.header('x-forwarded-proto') === 'https';
