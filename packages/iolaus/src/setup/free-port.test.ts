import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { findFreePort } from './free-port.ts';

/** Somebody who has a port, for as long as it is not disposed of. */
async function occupy(
  host: string,
  wanted = 0,
): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer().listen({ host, port: wanted });
  await once(server, 'listening');
  const address = server.address();
  assert(address !== null && typeof address === 'object');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

test('a port that is free is given', async () => {
  const former = await occupy('127.0.0.1');
  await former[Symbol.asyncDispose]();
  assert.equal(await findFreePort('127.0.0.1', former.port), former.port);
});

test('instead of one that is taken another is given, which can be had', async () => {
  await using taken = await occupy('127.0.0.1');
  const port = await findFreePort('127.0.0.1', taken.port);
  assert.notEqual(port, taken.port);
  await using other = await occupy('127.0.0.1', port);
  assert.ok(other.port > 0);
});

test('a port of localhost is taken if either of its addresses is', async () => {
  await using taken = await occupy('127.0.0.1');
  assert.notEqual(await findFreePort('localhost', taken.port), taken.port);
});
