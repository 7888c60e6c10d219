import { once } from 'node:events';
import { stat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import type { ListenOptions, Server } from 'node:net';
import { pathToFileURL } from 'node:url';
import { Fault } from '../fault/fault.ts';

/** Where a server listens: a host name or address and a port, a Unix socket, or a socket that was open at the start. */
export type Bind =
  | { readonly type: 'tcp'; readonly host: string; readonly port: number }
  | { readonly type: 'unix'; readonly path: string }
  | { readonly type: 'inherited'; readonly descriptor: number };

const hostAndPort = /^(?:\[(?<six>[^\]]+)\]|(?<other>[^:]*)):(?<port>\d{1,5})$/;

/** Reads "host:port", "[::1]:port" or an absolute path. Throws `Fault('bad-configuration')`. */
export function parseBind(text: string): Bind {
  if (text.startsWith('/')) return { type: 'unix', path: text };
  const { six, other, port } = hostAndPort.exec(text)?.groups ?? {};
  const host = six ?? other;
  if (host === undefined || port === undefined || Number(port) > 65_535) {
    throw new Fault('bad-configuration', `'${text}' is no address to listen at`, {
      remedy: 'Write host:port, [::1]:port, or the absolute path of a Unix socket.',
    });
  }
  return { type: 'tcp', host: host === '' ? '::' : host, port: Number(port) };
}

/** Throws `Fault` if it cannot listen there. A socket that a dead server left behind makes way. */
export async function listen(server: Server, bind: Bind): Promise<void> {
  try {
    if (bind.type === 'unix') await makeWay(bind.path);
    server.listen(listenOptions(bind));
    await once(server, 'listening');
  } catch (error) {
    throw asFault(bind, error);
  }
}

function listenOptions(bind: Bind): ListenOptions & { readonly fd?: number } {
  if (bind.type === 'inherited') return { fd: bind.descriptor };
  return bind.type === 'unix' ? { path: bind.path } : { host: bind.host, port: bind.port };
}

// Node does not tell the path of a Unix socket that it has not opened itself.
const namelessSocket = 'an inherited Unix socket';

/** As in `parseBind`, with the real port. */
export function boundAddress(server: Server): string {
  const address = server.address();
  if (address === null && server.listening) return namelessSocket;
  if (address === null) throw new Error('the server does not listen');
  if (typeof address === 'string') return address;
  return `${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

/** What a client on the same machine dials. */
export function localEndpoint(address: string): string {
  if (address === namelessSocket) return address;
  if (address.startsWith('/')) return `unix://${pathToFileURL(address).pathname}`;
  return `http://${address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')}`;
}

/** Connecting to what is no socket is refused just like connecting to one that nobody listens at. */
async function makeWay(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null) return;
  if (found.isSocket()) return removeDeadSocket(path);
  throw new Fault('bad-configuration', `we cannot listen at ${path}`, {
    remedy: 'It is there already, and is no socket: name another path.',
  });
}

async function removeDeadSocket(path: string): Promise<void> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
  } catch (error) {
    if (codeOf(error) === 'ECONNREFUSED') await unlink(path);
  } finally {
    socket.destroy();
  }
}

function asFault(bind: Bind, cause: unknown): Fault {
  if (cause instanceof Fault) return cause;
  const where = describeBind(bind);
  switch (codeOf(cause)) {
    case 'EADDRINUSE':
      return new Fault('port-in-use', `another program listens at ${where}`, {
        remedy: 'Stop it, or choose another address.',
        cause,
      });
    case 'EACCES':
    case 'EPERM':
      return new Fault('not-permitted', `we may not listen at ${where}`, {
        remedy:
          bind.type === 'unix'
            ? 'see that the folder is there and that we may write to it'
            : 'take a port above 1023',
        cause,
      });
    default:
      return new Fault('bad-configuration', `we cannot listen at ${where}`, {
        remedy:
          bind.type === 'inherited'
            ? 'It should be a stream socket, handed over to us alone: ListenStream= in the socket unit.'
            : 'Name an address of this machine, or a path of less than 108 bytes in a folder that is there.',
        cause,
      });
  }
}

function describeBind(bind: Bind): string {
  if (bind.type === 'inherited') return `the inherited socket ${bind.descriptor}`;
  return bind.type === 'unix' ? bind.path : `port ${bind.port} of ${bind.host}`;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
