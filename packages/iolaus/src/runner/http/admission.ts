import type { IncomingMessage, Server } from 'node:http';
import { BlockList } from 'node:net';
import { isAuthorised } from '../../protocol/server/token-guard.ts';
import { RestError } from './rest-error.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether only this machine's users can reach the server: it listens on a Unix socket or a loopback address. */
export function isPrivate(server: Server): boolean {
  const address = server.address();
  if (address === null || typeof address === 'string') return true;
  return loopback.check(address.address, address.family === 'IPv6' ? 'ipv6' : 'ipv4');
}

/**
 * Who may change something: everybody on this machine, and from elsewhere who shows a token. Pages that a browser has
 * from somewhere may not, wherever the browser runs. Throws `RestError`.
 */
export function admitChange(
  request: IncomingMessage,
  server: Server,
  tokens: readonly string[] | null,
): void {
  refuseBrowser(request);
  if (isPrivate(server)) return;
  if (tokens === null) {
    throw new RestError(401, 'changes from other machines need a token, and tokenPaths names none');
  }
  if (isAuthorised(request.headers.authorization, tokens)) return;
  throw new RestError(401, 'changes from other machines need a token: Authorization: Bearer …');
}

/** Who may set others' work aside: who shows a token for just that; where there is none, who is on this machine. */
export function admitEmergency(
  request: IncomingMessage,
  server: Server,
  tokens: readonly string[] | null,
): void {
  refuseBrowser(request);
  if (tokens === null && isPrivate(server)) return;
  if (isAuthorised(request.headers.authorization, tokens ?? [])) return;
  throw new RestError(
    401,
    'emergencies need a token from emergencyTokenPaths: Authorization: Bearer …',
  );
}

function refuseBrowser({ headers }: IncomingMessage): void {
  if (headers.origin === undefined) return;
  throw new RestError(401, 'a page in a browser may change nothing here');
}
