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
    remedy: 'write http://host:port, https://host:port or unix:///path/to/socket',
  });
}

/** Begins to connect; what goes wrong comes as the session's `error`. */
export function dial(endpoint: Endpoint): ClientHttp2Session {
  const options = {
    settings: { initialWindowSize: streamWindowBytes, enablePush: false },
    maxSessionMemory: sessionMemoryMegabytes,
  };
  if (endpoint.type === 'http') return connectSession(endpoint.origin, options);
  return connectSession('http://localhost', {
    ...options,
    createConnection: () => connectSocket(endpoint.socketPath),
  });
}
