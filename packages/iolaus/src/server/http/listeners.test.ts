import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { listen } from '../testing/listen.ts';
import { ApiError } from './api-error.ts';
import { encodeEvent, openEventStream } from './event-stream.ts';
import { createListeners } from './listeners.ts';
import type { Listeners } from './listeners.ts';

/** A server of nothing but a stream. */
async function serve(context: TestContext, listeners: Listeners): Promise<string> {
  const server = createServer((incoming, outgoing) =>
    listeners.add(openEventStream({ incoming, outgoing })),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

test('a listener who takes nothing is dropped, and the others go on', async (context) => {
  const listeners = createListeners(2);
  const url = await serve(context, listeners);
  const deaf = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  deaf.on('error', () => {});
  deaf.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(deaf, 'data');
  deaf.pause();
  const events = await listen<string>(url, '/');
  assert.throws(() => listeners.expectOneMore(), ApiError);
  // More than two kernels keep for somebody who does not read.
  const event = encodeEvent('noise', 'x'.repeat(64 * 1024));
  for (let times = 0; times < 400; times += 1) {
    listeners.tell(event);
    assert.equal((await events.next())?.event, 'noise');
  }
  listeners.expectOneMore();
  deaf.destroy();
  events.leave();
});

test('there is room again when somebody has left', async (context) => {
  const listeners = createListeners(1);
  const url = await serve(context, listeners);
  const first = await listen(url, '/');
  assert.throws(
    () => listeners.expectOneMore(),
    (error) =>
      error instanceof ApiError && error.status === 503 && error.code === 'too-many-listeners',
  );
  const left = once(first.response, 'close');
  listeners.close();
  assert.equal(await first.next(), undefined);
  await left;
  listeners.expectOneMore();
});
