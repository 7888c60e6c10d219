import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Answer, JsonOperation } from '../api/contract.ts';
import { openDatabase } from '../database/connection/connection.ts';
import { startEmbeddedDatabase } from '../database/postgres/embedded.ts';
import { Fault } from '../fault/fault.ts';
import { startServer } from './server.ts';
import { ask, askJson } from './testing/ask.ts';
import { listen } from './testing/listen.ts';
import { derivationOf, outputOf } from './testing/scene.ts';
import { serveRunner } from './testing/serve-runner.ts';
import { serveScene, silentLogger } from './testing/serve-scene.ts';
import type { ServedScene } from './testing/serve-scene.ts';

// In a suite, so that the server is gone before its database.
suite('answers of the server', () => {
  let served: ServedScene;
  /** What API v2 answers. */
  const get = <Name extends JsonOperation>(_: Name, path: string): Promise<Answer<Name>> =>
    askJson(served.server.url, `/api/v2${path}`);

  before(async () => {
    served = await serveScene();
  });
  after(() => served[Symbol.asyncDispose]());

  test('a farm without builds answers with empty lists', async () => {
    assert.deepEqual(await get('listBuilds', '/builds'), { items: [], next: null });
    const none = { queued: 0, running: 0, succeeded: 0, failed: 0 };
    assert.deepEqual(await get('countBuilds', '/builds/counts'), none);
    assert.deepEqual(await get('listRunningSteps', '/steps/running'), { items: [] });
  });

  test('builds are listed newest first, each in its state', async () => {
    const { scene } = served;
    const names = ['waiting', 'working', 'good', 'bad'];
    const [waiting, working, good, bad] = await scene.queue(names);
    assert.ok(waiting && working && good && bad);
    await scene.startStep(working, 'working');
    await scene.finishBuild(good, 'succeeded');
    await scene.finishBuild(bad, 'timed-out');
    const { items: builds } = await get('listBuilds', '/builds?limit=4');
    assert.deepEqual(
      builds.map(({ job, status }) => [job, status]),
      [
        ['bad', 'timed-out'],
        ['good', 'succeeded'],
        ['working', 'running'],
        ['waiting', 'queued'],
      ],
    );
    assert.deepEqual(builds[1], {
      id: good,
      project: 'project',
      jobset: 'jobset',
      job: 'good',
      name: 'good',
      system: 'x86_64-linux',
      derivation: derivationOf('good'),
      status: 'succeeded',
      cached: false,
      queuedAt: '2026-09-21T14:13:20.000Z',
      startedAt: '2026-09-21T14:13:20.000Z',
      stoppedAt: '2026-09-21T14:14:25.000Z',
    });
  });

  test('a list can be narrowed to a group, a jobset and a part of a name', async () => {
    await served.scene.queue(['needle.x86', 'haystack'], 'other');
    const jobs = async (query: string) =>
      (await get('listBuilds', `/builds?${query}`)).items.map(({ job }) => job);
    assert.deepEqual(await jobs('search=NEEDLE'), ['needle.x86']);
    assert.deepEqual(await jobs('search=n%25e'), []);
    assert.deepEqual(await jobs('project=other&jobset=jobset'), ['haystack', 'needle.x86']);
    assert.deepEqual(await jobs('project=other&status=queued'), ['haystack', 'needle.x86']);
    assert.deepEqual(await jobs('project=other&status=failed'), []);
    assert.ok((await jobs('status=failed')).includes('bad'));
    assert.deepEqual(await jobs('status=running'), ['working']);
  });

  test('a build tells its steps, outputs, products and metrics', async () => {
    const { scene } = served;
    const [build] = await scene.queue(['whole']);
    assert.ok(build);
    const first = await scene.startStep(build, 'whole-dependency');
    await scene.finishStep(build, first, 'aborted', 'machine lost');
    const second = await scene.startStep(build, 'whole-dependency');
    await scene.finishStep(build, second, 'succeeded');
    const third = await scene.startStep(build, 'whole', 'sending-inputs');
    const { items: steps } = await get('listBuildSteps', `/builds/${build}/steps`);
    assert.deepEqual(
      steps.map(({ number, status, phase, error }) => ({ number, status, phase, error })),
      [
        { number: third, status: 'running', phase: 'sending-inputs', error: null },
        { number: second, status: 'succeeded', phase: null, error: null },
        { number: first, status: 'aborted', phase: null, error: 'machine lost' },
      ],
    );
    await scene.finishStep(build, third, 'succeeded');
    await scene.finishBuild(build, 'succeeded');
    await scene.showResults({
      build,
      outputs: new Map([['out', outputOf('whole')]]),
      products: [],
      metrics: [{ name: 'coverage', unit: '%', value: 87.5 }],
    });
    const detail = await get('readBuild', `/builds/${build}`);
    assert.equal(detail.status, 'succeeded');
    assert.equal(detail.description, 'The package whole');
    assert.equal(detail.closureSize, 56_789);
    assert.deepEqual(detail.outputs, [{ name: 'out', path: outputOf('whole') }]);
    assert.deepEqual(detail.metrics, [{ name: 'coverage', unit: '%', value: 87.5 }]);
    assert.equal(detail.standIn, null);
  });

  test('a build that failed of a step of another one names that step', async () => {
    const { scene } = served;
    const [first, second] = await scene.queue(['uses-broken', 'uses-broken-too']);
    assert.ok(first && second);
    await scene.startStep(first, 'other');
    const broken = await scene.startStep(first, 'broken');
    await scene.finishStep(first, broken, 'failed', 'exit code 1');
    await scene.propagateFailure(second, 'broken', first);
    await scene.finishBuild(second, 'dependency-failed');
    const { status } = await get('readBuild', `/builds/${second}`);
    assert.equal(status, 'dependency-failed');
    const { items: steps } = await get('listBuildSteps', `/builds/${second}/steps`);
    assert.deepEqual(steps[0]?.origin, { build: first, step: broken });
    assert.equal(steps[0].hasLog, false);
  });

  test('a build whose work another one did says which', async () => {
    const { scene } = served;
    const [worker] = await scene.queue(['shared'], 'first');
    const [user] = await scene.queue(['shared'], 'second');
    assert.ok(worker && user);
    const step = await scene.startStep(worker, 'shared');
    const { standIn } = await get('readBuild', `/builds/${user}`);
    assert.deepEqual([standIn?.build, standIn?.number, standIn?.status], [worker, step, 'running']);
  });

  test('running steps come with the job that they are for', async () => {
    const { scene } = served;
    const [build] = await scene.queue(['runs']);
    assert.ok(build);
    const number = await scene.startStep(build, 'runs', 'receiving-outputs');
    const { items } = await get('listRunningSteps', '/steps/running');
    const step = items.find((step) => step.build === build);
    assert.deepEqual(
      [step?.job, step?.machine, step?.phase],
      ['runs', 'ares', 'receiving-outputs'],
    );
    const detail = await get('readStep', `/builds/${build}/steps/${number}`);
    assert.deepEqual([detail.job, detail.status], ['runs', 'running']);
  });

  test('evaluations tell how their builds stand', async () => {
    const { scene } = served;
    const [good] = await scene.queue(['e1', 'e2'], 'evaluated');
    assert.ok(good);
    await scene.finishBuild(good, 'succeeded');
    const { items } = await get('listEvaluations', '/evaluations?project=evaluated');
    assert.equal(items.length, 1);
    const { builds, succeeded, failed, unfinished, evaluationSeconds } = items[0] ?? {};
    assert.deepEqual([builds, succeeded, failed, unfinished, evaluationSeconds], [2, 1, 0, 1, 3]);
  });

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
    const { database, logDirectory, storeDirectory } = served;
    await using server = await startServer({
      database,
      logDirectory,
      storeDirectory,
      logger: silentLogger(),
      host: '127.0.0.1',
      port: 0,
      runnerUrl: runner.url,
    });
    assert.deepEqual(await askJson(server.url, '/api/v2/provisioners'), { items: provisioners });
  });

  test('a runner that does not answer leaves the machines unknown, and the rest as it is', async () => {
    const { database, logDirectory, storeDirectory } = served;
    await using server = await startServer({
      database,
      logDirectory,
      storeDirectory,
      logger: silentLogger(),
      host: '127.0.0.1',
      port: 0,
      runnerUrl: 'http://127.0.0.1:9',
    });
    assert.equal((await ask(server.url, '/api/v2/builders')).status, 503);
    const counts = await askJson<Answer<'countBuilds'>>(server.url, '/api/v2/builds/counts');
    assert.ok(counts.queued > 0);
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
