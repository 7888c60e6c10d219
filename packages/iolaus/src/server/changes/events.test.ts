import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Change } from '@iolaus/web/api';
import { openDatabase } from '../../database/connection/connection.ts';
import { startEmbeddedDatabase } from '../../database/postgres/embedded.ts';
import { startServer } from '../server.ts';
import { ask, askJson } from '../testing/ask.ts';
import { listen } from '../testing/listen.ts';
import type { Listening } from '../testing/listen.ts';
import { serveScene, silentLogger } from '../testing/serve-scene.ts';
import type { ServedScene } from '../testing/serve-scene.ts';

// In a suite, so that the server is gone before its database.
suite('live events', () => {
  let served: ServedScene;

  before(async () => {
    served = await serveScene();
  });
  after(() => served[Symbol.asyncDispose]());

  /** Waits for a change that is what is looked for. */
  async function change(
    events: Listening<Change>,
    isIt: (change: Change) => boolean,
  ): Promise<Change> {
    for (;;) {
      const event = await events.next();
      assert.equal(event?.event, 'change');
      if (isIt(event.data)) return event.data;
    }
  }

  test('whoever listens hears which build changed, at every turn of its life', async () => {
    const { scene, server } = served;
    const events = await listen<Change>(server.url, '/api/events');
    const [build] = await scene.queue(['heard']);
    assert.ok(build);
    // The evaluator tells the lowest of the new ids only.
    await change(events, ({ all }) => all);
    const names = ({ builds, all }: Change): boolean => !all && builds.includes(build);
    const step = await scene.startStep(build, 'heard');
    await change(events, names);
    await scene.finishStep(build, step, 'succeeded');
    await change(events, names);
    await scene.finishBuild(build, 'succeeded');
    await change(events, names);
    events.leave();
  });

  test('all who listen hear the same', async () => {
    const { scene, server } = served;
    const listeners = await Promise.all(
      Array.from({ length: 20 }, () => listen<Change>(server.url, '/api/events')),
    );
    const [build] = await scene.queue(['heard-by-all']);
    assert.ok(build);
    await scene.finishBuild(build, 'failed');
    for (const events of listeners) {
      await change(events, ({ all, builds }) => all || builds.includes(build));
      events.leave();
    }
  });

  test('after the database was away, everything is to be read again', async () => {
    const { database, server } = served;
    const events = await listen<Change>(server.url, '/api/events');
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and query ilike 'listen%'`,
    );
    await change(events, ({ all }) => all);
    events.leave();
  });

  test('while the database is away the page is told so, in no more words than it needs', async () => {
    const { logDirectory, storeDirectory } = served;
    await using folder = await databaseFolder();
    const embedded = await startEmbeddedDatabase({
      directory: join(folder.path, 'data'),
      socketDirectory: join(folder.path, 's'),
      durable: false,
    });
    const database = await openDatabase({
      url: embedded.url,
      maxConnections: 2,
      applicationName: 'test',
    });
    const server = await startServer({
      ...{ database, logDirectory, storeDirectory, logger: silentLogger() },
      host: '127.0.0.1',
      port: 0,
    });
    await embedded.stop();
    const { status, text } = await ask(server.url, '/api/builds');
    assert.equal(status, 503);
    assert.equal(JSON.parse(text).error.code, 'database-unreachable');
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

  test('a server that is closed ends its streams in order', async () => {
    const closing = await serveScene();
    const events = await listen<Change>(closing.server.url, '/api/events');
    await askJson(closing.server.url, '/api/builds');
    const end = events.next();
    await closing[Symbol.asyncDispose]();
    assert.equal(await end, undefined);
  });
});
