import { STATUS_CODES } from 'node:http';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

const unreadable = { status: 400, error: 'this is no request of HTTP' };
const refusals: Readonly<Record<string, typeof unreadable>> = {
  HPE_HEADER_OVERFLOW: { status: 431, error: 'the address and headers are too long' },
  HPE_INVALID_METHOD: { status: 400, error: 'there is no such method' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, error: 'the request did not end in time' },
};

/** What cannot be read as a request, and never becomes one, is answered like any other that the client got wrong. */
export function refuseUnreadable(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (socket.writable) socket.end(wordRefusal(refusals[error.code ?? ''] ?? unreadable));
    else socket.destroy();
  });
}

function wordRefusal({ status, error }: typeof unreadable): string {
  const body = JSON.stringify({ error });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
