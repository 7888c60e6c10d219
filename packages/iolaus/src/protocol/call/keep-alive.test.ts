import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { Http2Server } from 'node:http2';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { test } from 'node:test';
import { keepAlive } from './keep-alive.ts';

const portOf = (server: Server | Http2Server): number => (server.address() as AddressInfo).port;

test('a session whose peer does not answer is destroyed', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const session = connectHttp2(`http://127.0.0.1:${portOf(silent)}`);
  keepAlive(session, { intervalMilliseconds: 1, answerWithinMilliseconds: 1 });
  await assert.rejects(once(session, 'close'), /does not answer any more/);
  assert.equal(session.destroyed, true);
  for (const socket of sockets) socket.destroy();
  silent.close();
});

test('a session whose peer answers lives on', async () => {
  const server = createHttp2Server().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pings = Promise.withResolvers<void>();
  let count = 0;
  server.on('session', (session) => {
    session.on('ping', () => {
      count++;
      if (count === 5) pings.resolve();
    });
  });
  const session = connectHttp2(`http://127.0.0.1:${portOf(server)}`);
  keepAlive(session, { intervalMilliseconds: 1, answerWithinMilliseconds: 60_000 });
  await pings.promise;
  assert.equal(session.destroyed, false);
  session.close();
  await once(session, 'close');
  server.close();
});
