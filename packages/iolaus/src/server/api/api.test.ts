import assert from 'node:assert/strict';
import test from 'node:test';
import { apiRoot, contract } from '../../api/contract.ts';
import type { Endpoint } from '../../api/contract.ts';
import type { Database } from '../../database/connection/connection.ts';
import type { BuildId } from '../../farm/identity.ts';
import { addUser, tokenOf } from '../testing/accounts.ts';
import { ask, askJson } from '../testing/ask.ts';
import { serveRunner } from '../testing/serve-runner.ts';
import { serveScene } from '../testing/serve-scene.ts';
import type { ServedScene } from '../testing/serve-scene.ts';

const endpoints = Object.entries<Endpoint>(contract);

/** A build that failed in evaluation 1, with a step, and one that waits in evaluation 2. */
async function playScene({ scene }: ServedScene): Promise<BuildId> {
  const [build] = await scene.queue(['one']);
  assert.ok(build !== undefined);
  const step = await scene.startStep(build, 'one');
  await scene.writeLog('one', 'a line\n');
  await scene.finishStep(build, step, 'failed');
  await scene.finishBuild(build, 'failed');
  await scene.queue(['one', 'two']);
  return build;
}

const hide = (database: Database): Promise<object[]> =>
  database.query('update projects set hidden = 1');

/** The address of an endpoint within the scene. */
function addressOf(path: string): string {
  const values: Readonly<Record<string, string>> = {
    project: 'project',
    jobset: 'jobset',
    evaluation: '1',
    build: '1',
    step: '1',
    derivation: '0123456789abcdfghijklmnpqrsvwxyz-two.drv',
  };
  return apiRoot + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}

function queryOf(path: string): string {
  if (path.endsWith('/comparison/builds')) return '?difference=new';
  if (path.endsWith('/difference')) return '?with=1';
  if (path === '/store-paths') return '?hash=01234';
  if (path.endsWith('/log/search')) return '?text=line';
  if (path === '/attempts') return '?since=2020-01-01T00:00:00Z';
  return path === '/queue/groups' ? '?by=jobset' : '';
}

test('every address answers as the document says', async () => {
  await using runner = await serveRunner();
  await using served = await serveScene({ runnerUrl: runner.url });
  await playScene(served);
  for (const [name, { path, form, answer, method, right }] of endpoints) {
    if (form !== 'json' || method !== 'GET' || right !== 'read') continue;
    const body = await askJson<object>(served.server.url, addressOf(path) + queryOf(path));
    const { error } = answer.safeParse(body);
    assert.equal(error, undefined, `${name}: ${String(error)}`);
  }
});

test('the document names every operation once, and what it refers to is in it', async () => {
  await using served = await serveScene();
  const { text } = await ask(served.server.url, `${apiRoot}/openapi.json`);
  const names = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, name = '']) => name);
  assert.deepEqual(names.toSorted(), endpoints.map(([name]) => name).toSorted());
  const document: { components: { schemas: object } } = JSON.parse(text);
  for (const [, name = ''] of text.matchAll(/#\/components\/schemas\/(\w+)/g)) {
    assert.ok(name in document.components.schemas, name);
  }
});

test('nothing of a hidden project is told to a stranger or to somebody without rights, on any address', async () => {
  await using runner = await serveRunner();
  await using served = await serveScene({ runnerUrl: runner.url });
  await playScene(served);
  await hide(served.database);
  await addUser(served.database, 'nobody');
  for (const headers of [{}, await tokenOf(served.database, 'nobody')]) {
    for (const [name, { path, method }] of endpoints) {
      // Events go on: `server/events` tries who hears which.
      if (method !== 'GET' || path === '/events') continue;
      const answer = await ask(served.server.url, addressOf(path) + queryOf(path), { headers });
      if (/\{(project|evaluation|build|derivation)\}/.test(path)) {
        assert.equal(answer.status, 404, name);
      }
      assert.doesNotMatch(answer.text, /"jobset"|a line/, name);
    }
  }
});

test('hidden builds are not counted', async () => {
  await using served = await serveScene();
  await playScene(served);
  await served.scene.queue(['open'], 'open');
  await served.database.query(`update projects set hidden = 1 where name = 'project'`);
  const counts = await askJson<object>(served.server.url, `${apiRoot}/builds/counts`);
  assert.deepEqual(counts, { queued: 1, running: 0, succeeded: 0, failed: 0 });
});

test('nothing of a hidden project is in the pages', async () => {
  await using served = await serveScene();
  const build = await playScene(served);
  await served.scene.startStep(build, 'secret');
  await hide(served.database);
  for (const path of ['/', '/builds/1', '/builds/1/steps/1', '/evaluations', '/evaluations/1']) {
    const { text } = await ask(served.server.url, path);
    assert.doesNotMatch(text, /jobset"|a line/, path);
  }
});

test('pages of a list hold everything once, in order', async () => {
  await using served = await serveScene();
  const names = Array.from({ length: 7 }, (_, index) => `job${index}`);
  await served.scene.queue(names);
  const found: string[] = [];
  let cursor = '';
  do {
    const page = await askJson<{ items: { job: string }[]; next: string | null }>(
      served.server.url,
      `${apiRoot}/builds?limit=3${cursor}`,
    );
    assert.ok(page.items.length <= 3);
    found.push(...page.items.map(({ job }) => job));
    cursor = page.next === null ? '' : `&cursor=${page.next}`;
  } while (cursor !== '');
  assert.deepEqual(found, names.toReversed());
});

test('who wants some fields gets those, and is told which there are', async () => {
  await using served = await serveScene();
  await playScene(served);
  const { url } = served.server;
  const page = await askJson<object>(url, `${apiRoot}/builds?fields=id,status&limit=1`);
  assert.deepEqual(page, { items: [{ id: 3, status: 'queued' }], next: 'WzNd' });
  const build = await askJson<object>(url, `${apiRoot}/builds/1?fields=job`);
  assert.deepEqual(build, { job: 'one' });
  const wrong = await ask(url, `${apiRoot}/builds/1?fields=colour`);
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /“colour”: there are id, project/);
});

test('who has the answer already is told so', async () => {
  await using served = await serveScene();
  await playScene(served);
  const { url } = served.server;
  const first = await ask(url, `${apiRoot}/builds/1`);
  const tag = first.headers.etag ?? assert.fail();
  const again = await ask(url, `${apiRoot}/builds/1`, { headers: { 'if-none-match': tag } });
  assert.deepEqual([again.status, again.text], [304, '']);
  await served.database.query('update builds set releasename = $1 where id = 1', ['new']);
  const changed = await ask(url, `${apiRoot}/builds/1`, { headers: { 'if-none-match': tag } });
  assert.equal(changed.status, 200);
});

test('an evaluation is compared with the one before', async () => {
  await using served = await serveScene();
  const { scene, server } = served;
  const [good, bad] = await scene.queue(['good', 'bad', 'gone']);
  assert.ok(good !== undefined && bad !== undefined);
  await scene.finishBuild(good, 'succeeded');
  await scene.finishBuild(bad, 'failed');
  const later = await scene.queue(['good', 'bad', 'fresh']);
  await scene.finishBuild(later[0] ?? assert.fail(), 'failed');
  await scene.finishBuild(later[1] ?? assert.fail(), 'succeeded');
  await scene.finishBuild(later[2] ?? assert.fail(), 'failed');
  const root = `${apiRoot}/evaluations/2/comparison`;
  const { counts } = await askJson<{ counts: object }>(server.url, root);
  assert.deepEqual(counts, {
    'newly-failing': 1,
    'newly-succeeding': 1,
    'still-failing': 0,
    'still-succeeding': 0,
    aborted: 0,
    unfinished: 0,
    new: 1,
    removed: 1,
  });
  const page = await askJson<{ items: { job: string }[] }>(
    server.url,
    `${root}/builds?difference=newly-failing`,
  );
  assert.deepEqual(
    page.items.map(({ job }) => job),
    ['good'],
  );
});
