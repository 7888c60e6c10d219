import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Answer } from '../api/contract.ts';
import { openDatabase } from '../database/connection/connection.ts';
import { startEmbeddedDatabase } from '../database/postgres/embedded.ts';
import { Fault } from '../fault/fault.ts';
import { startServer } from './server.ts';
import { ask, askJson } from './testing/ask.ts';
import { listen } from './testing/listen.ts';
import { serveRunner } from './testing/serve-runner.ts';
import { serveScene, silentLogger } from './testing/serve-scene.ts';
import type { ServedScene } from './testing/serve-scene.ts';

// In a suite, so that the server is gone before its database.
suite('answers of the server', () => {
  let served: ServedScene;
  before(async () => {
    served = await serveScene();
  });
  after(() => served[Symbol.asyncDispose]());

  test('what is not there is told in words, with a code for programs', async () => {
    const { url } = served.server;
    for (const path of [
      '/api/v2/builds/999999',
      '/api/v2/builds/1/steps/999',
      '/api/v2/builds/1/steps/999/log',
      '/api/v2/builds/1/steps/999/log/live',
      '/api/v2/nothing',
      '/api/nothing',
      '/api/',
    ]) {
      const { status, text, headers } = await ask(url, path);
      assert.equal(status, 404, path);
      assert.equal(headers['content-type'], 'application/problem+json', path);
      const { code, detail } = JSON.parse(text);
      assert.equal(code, 'not-found', path);
      assert.match(detail, /^There is|^Nothing is|^Build \d+ has no/, path);
    }
  });

  test('a question that makes no sense is refused with what would be right', async () => {
    const { url } = served.server;
    for (const query of ['status=broken', 'limit=1000', 'search=a%00b']) {
      const { status, text } = await ask(url, `/api/v2/builds?${query}`);
      assert.equal(status, 400, query);
      assert.equal(JSON.parse(text).code, 'bad-request', query);
    }
    const { text } = await ask(url, '/api/v2/builds?cursor=yesterday');
    assert.equal(JSON.parse(text).code, 'bad-cursor');
  });

  test('nothing can be changed: only reading is understood', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      for (const path of ['/api/queue', '/build/1', '/', '/nowhere']) {
        const { status, headers } = await ask(served.server.url, path, { method });
        assert.equal(status, 405, `${method} ${path}`);
        assert.equal(headers.allow, 'GET, HEAD');
      }
    }
  });

  test('HEAD tells what GET would, without the body', async () => {
    const { url } = served.server;
    const root = '/api/v2';
    const events = `${root}/events?topics=builds`;
    for (const path of [`${root}/builds`, '/', `${root}/builds/999999`, events]) {
      const head = await ask(url, path, { method: 'HEAD' });
      assert.equal(head.body.length, 0, path);
      assert.equal(head.status, path.endsWith('999999') ? 404 : 200, path);
    }
  });

  test('every answer keeps the browser from guessing, and data from becoming a page', async () => {
    for (const path of ['/', '/api/v2/builds', '/api/nothing', '/assets/nothing.js']) {
      const { headers } = await ask(served.server.url, path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.equal(headers['referrer-policy'], 'no-referrer', path);
      assert.match(String(headers['content-security-policy']), /default-src 'none'/, path);
    }
  });

  test('a long list is compressed for who understands it', async () => {
    await served.scene.queue(Array.from({ length: 10 }, (_, number) => `job-${number}`));
    const accepting = { headers: { 'accept-encoding': 'gzip' } };
    const packed = await ask(served.server.url, '/api/v2/builds', accepting);
    assert.equal(packed.headers['content-encoding'], 'gzip');
    const plain = await ask(served.server.url, '/api/v2/builds');
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(gunzipSync(packed.body).toString(), plain.text);
    const refusing = { headers: { 'accept-encoding': 'gzip;q=0, br' } };
    assert.equal((await ask(served.server.url, '/api/v2/builds', refusing)).text, plain.text);
  });

  test('a port that is taken is told as such, and nothing is left behind', async () => {
    const { database, logDirectory, storeDirectory, server } = served;
    const port = Number(new URL(server.url).port);
    const options = {
      database,
      logDirectory,
      storeDirectory,
      host: '127.0.0.1',
      logger: silentLogger(),
    };
    await assert.rejects(
      startServer({ ...options, port }),
      (error) =>
        error instanceof Fault && error.code === 'port-in-use' && error.message.includes(`${port}`),
    );
  });

  test('pools of machines are told as their provisioner told the runner', async () => {
    const pool = {
      pool: 'small',
      sentence: '1 wanted.',
      wanted: 1,
      existing: 1,
      booting: 1,
      ready: 0,
      draining: 0,
      costPerHour: 0.5,
      spent: 2,
    };
    const decision = { type: 'create', machine: 'us-small-1', because: 'there is work' };
    const toldAt = (at: number | string) => {
      const us = { owner: 'us', currency: '€', pools: [pool], remarks: [] };
      return [{ ...us, decisions: [{ ...decision, at }] }];
    };
    const provisioners = toldAt('1970-01-01T00:00:05.000Z');
    await using runner = await serveRunner({ '/provisioners': { provisioners: toldAt(5_000) } });
    await using served = await serveScene({ runnerUrl: runner.url });
    const { server } = served;
    assert.deepEqual(await askJson(server.url, '/api/v2/provisioners'), { items: provisioners });
  });

  test('a runner that does not answer leaves the machines unknown, and the rest as it is', async () => {
    await using served = await serveScene({ runnerUrl: 'http://127.0.0.1:9' });
    const { server } = served;
    await served.scene.queue(['waiting']);
    assert.equal((await ask(server.url, '/api/v2/builders')).status, 503);
    const counts = await askJson<Answer<'countBuilds'>>(server.url, '/api/v2/builds/counts');
    assert.equal(counts.queued, 1);
  });

  test('a server that is closed ends its streams in order', async () => {
    const closing = await serveScene();
    const events = await listen(closing.server.url, '/api/v2/events?topics=builds');
    assert.equal((await events.next())?.event, 'ready');
    const end = events.next();
    await closing[Symbol.asyncDispose]();
    assert.equal(await end, undefined);
  });
});

test('while the database is away that is said, in no more words than it needs', async () => {
  await using folder = await databaseFolder();
  const embedded = await startEmbeddedDatabase({
    directory: join(folder.path, 'data'),
    socketDirectory: join(folder.path, 's'),
    durable: false,
  });
  const options = { url: embedded.url, maxConnections: 2, applicationName: 'test' };
  const database = await openDatabase(options);
  const server = await startServer({
    database,
    logDirectory: folder.path,
    storeDirectory: folder.path,
    host: '127.0.0.1',
    port: 0,
    logger: silentLogger(),
  });
  await embedded.stop();
  const { status, text } = await ask(server.url, '/api/v2/builds');
  assert.equal(status, 503);
  assert.equal(JSON.parse(text).code, 'database-unreachable');
  assert.doesNotMatch(text, /postgres|socket|\//);
  assert.notEqual((await ask(server.url, '/')).status, 503);
  await server.close();
  await database.close();
});

async function databaseFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'pg-'));
  // The database may run under another account, which must get through.
  await chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
