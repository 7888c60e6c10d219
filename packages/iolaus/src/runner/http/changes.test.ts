import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { z } from 'zod';
import { serveScene } from './testing/serve-scene.ts';
import { get, post } from './testing/ask.ts';

test("what a client gets wrong is the client's: 4xx, and the text of the error", async () => {
  await using scene = await serveScene({});
  const refused = async (status: number, path: string, init?: RequestInit): Promise<void> => {
    const response = await fetch(scene.url + path, init);
    assert.equal(response.status, status, path);
    const answer = z.strictObject({ error: z.string().min(1) }).parse(await response.json());
    assert.ok(answer.error.length > 10, answer.error);
  };
  await refused(404, '/nowhere');
  await refused(404, '/status', { method: 'DELETE' });
  await refused(404, '/status/build/many/active');
  await refused(400, '/build_one', { method: 'POST', body: '{' });
  await refused(400, '/build_one', { method: 'POST', body: '{"buildId":"1"}' });
  await refused(400, '/build', { method: 'PUT', body: '{"drv":"x"}' });
  const list = await fetch(`${scene.url}/build_one`, { method: 'POST', body: '[]' });
  assert.match(await list.text(), /"the body: [^"]*array"/);
  await refused(413, '/build', { method: 'PUT', body: 'x'.repeat(100_000) });
  assert.deepEqual(scene.asked, []);
});

test('what is no request at all is refused likewise, and others are answered', async () => {
  await using scene = await serveScene({});
  const { hostname, port } = new URL(scene.url);
  const send = (request: string): Promise<string> => {
    const socket = connect(Number(port), hostname);
    socket.end(request);
    return text(socket);
  };
  const long = `GET /status HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`;
  assert.match(
    await send(long),
    /^HTTP\/1.1 431 [^]*\{"error":"the address and headers are too long"\}$/,
  );
  const refused = /^HTTP\/1.1 400 [^]*\{"error":"this is no request of HTTP"\}$/;
  assert.match(await send('GET /status HTTP/x\r\n\r\n'), refused);
  assert.match(
    await send('GARBAGE\r\n\r\n'),
    /^HTTP\/1.1 400 [^]*\{"error":"there is no such method"\}$/,
  );
  assert.equal((await fetch(`${scene.url}/status/machines`)).status, 200);
});

test('a build can be taken, and a derivation queued, by hand', async () => {
  await using scene = await serveScene({});
  const ask = async (method: string, path: string, body: unknown): Promise<unknown> => {
    const response = await fetch(scene.url + path, { method, body: JSON.stringify(body) });
    assert.equal(response.status, 200);
    return response.json();
  };
  assert.deepEqual(await ask('POST', '/build_one', { buildId: 7 }), {});
  assert.deepEqual(await ask('PUT', '/build/', { drv: 'a.drv', jobsetId: 3 }), {});
  assert.deepEqual(scene.asked, [7, ['a.drv', 3]]);
});

test('where other machines come in, a change needs a token and reading none', async () => {
  await using scene = await serveScene({ bind: '0.0.0.0:0', tokens: ['secret'] });
  const change = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${scene.url}/build_one`, { method: 'POST', headers, body: '{"buildId":1}' });
  assert.equal((await fetch(`${scene.url}/status/machines`)).status, 200);
  assert.equal((await change({})).status, 401);
  assert.equal((await change({ authorization: 'Bearer secre' })).status, 401);
  assert.deepEqual(scene.asked, []);
  assert.equal((await change({ authorization: 'Bearer secret' })).status, 200);
  await using open = await serveScene({ bind: '0.0.0.0:0', tokens: null });
  const nobody = await fetch(`${open.url}/build_one`, { method: 'POST', body: '{"buildId":1}' });
  assert.equal(nobody.status, 401, 'without any token nobody from elsewhere may');
});

test('over a Unix socket a change needs no token', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rest-'));
  try {
    const socketPath = join(folder, 'rest');
    await using scene = await serveScene({ bind: socketPath, tokens: ['secret'] });
    const asking = request({ socketPath, path: '/build_one', method: 'POST', agent: false });
    const [response]: IncomingMessage[] = await once(asking.end('{"buildId":7}'), 'response');
    assert.equal(response?.statusCode, 200);
    response.resume();
    assert.deepEqual(scene.asked, [7]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a page in a browser may change nothing, though it comes from this machine', async () => {
  await using scene = await serveScene({});
  const response = await fetch(`${scene.url}/build_one`, {
    method: 'POST',
    headers: { origin: scene.url },
    body: '{"buildId":1}',
  });
  assert.equal(response.status, 401);
  assert.deepEqual(scene.asked, []);
});

test('what people want of the farm is passed on, and a refusal said', async () => {
  await using scene = await serveScene({});
  const give = async (path: string, body: unknown): Promise<number> =>
    (await post(scene.url + path, body)).status;
  assert.equal(await give('/machines/hold', { hostname: 'ares', hold: 'draining' }), 200);
  assert.equal(await give('/machines/hold', { hostname: 'ares', hold: null }), 404);
  assert.equal(await give('/machines/pardon', { hostname: 'ares' }), 200);
  assert.equal(await give('/machines/pardon', {}), 400);
  assert.equal(await give('/emergencies/declare', { subject: 'build', id: 3 }), 200);
  assert.equal(await give('/emergencies/end', { subject: 'evaluation', id: 4 }), 200);
  assert.equal(await give('/emergencies/end', { subject: 'jobset', id: 4 }), 400);
  assert.equal(await give('/failures/forget', { builds: [3] }), 200);
  assert.equal(await give('/failures/forget', {}), 400);
  const subject = { type: 'build', build: 3 };
  assert.deepEqual(scene.asked, [
    { type: 'host-held', hostname: 'ares', hold: 'draining', lasts: false },
    { type: 'host-released', hostname: 'ares' },
    { type: 'host-pardoned', hostname: 'ares' },
    { type: 'emergency-declared', emergency: { subject, preempts: false } },
    { type: 'emergency-ended', subject: { type: 'evaluation', evaluation: 4 } },
    { type: 'of-builds', builds: [3] },
  ]);
  assert.deepEqual(await get(scene.url, '/orders'), { emergencies: [], holds: [] });
});

test('an emergency needs a right of its own, also on this machine', async () => {
  const tokens = { tokens: ['usual'], emergencyTokens: ['urgent'] };
  await using scene = await serveScene(tokens);
  const declare = async (token?: string): Promise<number> =>
    (await post(`${scene.url}/emergencies/declare`, { subject: 'build', id: 3 }, token)).status;
  assert.equal(await declare(), 401);
  assert.equal(await declare('usual'), 401);
  assert.deepEqual(scene.asked, []);
  assert.equal(await declare('urgent'), 200);
  await using open = await serveScene({ bind: '0.0.0.0:0', tokens: ['usual'] });
  const body = { subject: 'build', id: 3 };
  assert.equal((await post(`${open.url}/emergencies/declare`, body, 'usual')).status, 401);
});
