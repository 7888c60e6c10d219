import { X509Certificate } from 'node:crypto';
import { connect as connectSession } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { Fault } from '../../fault/fault.ts';
import { sessionMemoryMegabytes, streamWindowBytes } from './flow-control.ts';

/** Where a runner listens. */
export type Endpoint =
  | { readonly type: 'http'; readonly origin: string }
  | { readonly type: 'unix'; readonly socketPath: string };

/** Reads `http://host:port`, `https://host[:port]` or `unix:///path`. Throws `Fault('bad-configuration')`. */
export function parseEndpoint(text: string): Endpoint {
  const url = URL.parse(text);
  if (url?.protocol === 'unix:' && url.pathname.startsWith('/') && url.host === '') {
    return { type: 'unix', socketPath: decodeURIComponent(url.pathname) };
  }
  if (url?.protocol === 'http:' || url?.protocol === 'https:') {
    return { type: 'http', origin: url.origin };
  }
  throw new Fault('bad-configuration', `'${text}' is not the address of a runner`, {
    remedy: 'Write http://host:port, https://host:port or unix:///path/to/socket.',
  });
}

/** Whether nobody on the way can read along. */
export function isEncrypted(endpoint: Endpoint): boolean {
  return endpoint.type === 'http' && endpoint.origin.startsWith('https:');
}

/** What calls say of whom they are for. Node's own would be an IPv6 address without its brackets, which hyper refuses. */
export function authorityOf(endpoint: Endpoint): string {
  return endpoint.type === 'http' ? new URL(endpoint.origin).host : 'localhost';
}

/** PEM: whom we trust, and who we are; and the name that the runner's certificate has to bear. */
export type ClientTls = {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly domainName: string;
};

/** What a runner refuses without a word: our certificate, when its time is over. Null if that is not it. */
export function expiryOf(tls: ClientTls | null): string | null {
  const ends = tls && new X509Certificate(tls.certificate).validToDate;
  return ends !== null && ends.getTime() < Date.now()
    ? `our certificate has expired (${ends.toISOString()})`
    : null;
}

/** Begins to connect; what goes wrong comes as the session's `error`. */
export function dial(endpoint: Endpoint, tls: ClientTls | null): ClientHttp2Session {
  const options = {
    settings: { initialWindowSize: streamWindowBytes, enablePush: false },
    maxSessionMemory: sessionMemoryMegabytes,
  };
  if (endpoint.type === 'http') {
    return connectSession(endpoint.origin, { ...options, ...(tls !== null && certificates(tls)) });
  }
  return connectSession('http://localhost', {
    ...options,
    createConnection: () => connectSocket(endpoint.socketPath),
  });
}

/** Only the given authority counts: not those that the system or Node trusts. */
const certificates = ({ authority, certificate, key, domainName }: ClientTls) => ({
  ca: authority,
  cert: certificate,
  key,
  servername: domainName,
});
