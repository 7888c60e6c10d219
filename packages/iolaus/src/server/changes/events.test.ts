import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Change } from '@iolaus/web/api';
import { ask, askJson } from '../testing/ask.ts';
import { listen } from '../testing/listen.ts';
import type { Listening } from '../testing/listen.ts';
import { serveScene } from '../testing/serve-scene.ts';
import type { ServedScene } from '../testing/serve-scene.ts';

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

test('while the database is away the page is told so, and afterwards all is well', async () => {
  await using broken = await serveScene();
  await broken.embedded.stop();
  const { status, text } = await ask(broken.server.url, '/api/builds');
  assert.equal(status, 503);
  assert.equal(JSON.parse(text).error.code, 'database-unreachable');
  assert.doesNotMatch(text, /postgres|socket|\//);
  assert.equal((await ask(broken.server.url, '/')).status, 200);
});

test('a server that is closed ends its streams in order', async () => {
  const closing = await serveScene();
  const events = await listen<Change>(closing.server.url, '/api/events');
  await askJson(closing.server.url, '/api/builds');
  const end = events.next();
  await closing[Symbol.asyncDispose]();
  assert.equal(await end, undefined);
});
