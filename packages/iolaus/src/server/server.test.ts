import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type {
  BuildDetail,
  BuildList,
  EvaluationList,
  Overview,
  RunningSteps,
  StepDetail,
} from '@iolaus/web/api';
import { Fault } from '../fault/fault.ts';
import { startServer } from './server.ts';
import { ask, askJson } from './testing/ask.ts';
import { derivationOf, outputOf } from './testing/scene.ts';
import { serveRunner } from './testing/serve-runner.ts';
import { serveScene, silentLogger } from './testing/serve-scene.ts';
import type { ServedScene } from './testing/serve-scene.ts';

// In a suite, so that the server is gone before its database.
suite('answers of the server', () => {
  let served: ServedScene;
  const get = <T>(path: string): Promise<T> => askJson<T>(served.server.url, path);

  before(async () => {
    served = await serveScene();
  });
  after(() => served[Symbol.asyncDispose]());

  test('a farm without builds answers with empty lists', async () => {
    assert.deepEqual(await get('/api/builds'), { builds: [], next: null });
    assert.deepEqual(await get('/api/overview'), {
      builds: { queued: 0, running: 0, succeeded: 0, failed: 0 },
      machines: null,
    });
    assert.deepEqual(await get('/api/steps/running'), { steps: [] });
  });

  test('builds are listed newest first, each in its state', async () => {
    const { scene } = served;
    const names = ['waiting', 'working', 'good', 'bad'];
    const [waiting, working, good, bad] = await scene.queue(names);
    assert.ok(waiting && working && good && bad);
    await scene.startStep(working, 'working');
    await scene.finishBuild(good, 'succeeded');
    await scene.finishBuild(bad, 'timed-out');
    const { builds } = await get<BuildList>('/api/builds?limit=4');
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
      queuedAt: 1_790_000_000,
      startedAt: 1_790_000_000,
      stoppedAt: 1_790_000_065,
    });
  });

  test('a list can be narrowed to a group, a jobset and a part of a name', async () => {
    await served.scene.queue(['needle.x86', 'haystack'], 'other');
    const jobs = async (query: string) =>
      (await get<BuildList>(`/api/builds?${query}`)).builds.map(({ job }) => job);
    assert.deepEqual(await jobs('search=NEEDLE'), ['needle.x86']);
    assert.deepEqual(await jobs('search=n%25e'), []);
    assert.deepEqual(await jobs('jobset=other:jobset'), ['haystack', 'needle.x86']);
    assert.deepEqual(await jobs('project=other&status=queued'), ['haystack', 'needle.x86']);
    assert.deepEqual(await jobs('project=other&status=failed'), []);
    assert.ok((await jobs('status=failed')).includes('bad'));
    assert.deepEqual(await jobs('status=running'), ['working']);
  });

  test('pages of a list follow each other without a gap or a repetition', async () => {
    const names = Array.from({ length: 7 }, (_, index) => `paged-${index}`);
    await served.scene.queue(names, 'paged');
    const seen: string[] = [];
    let next: number | null = null;
    do {
      const before: string = next === null ? '' : `&before=${next}`;
      const page: BuildList = await get(`/api/builds?project=paged&limit=3${before}`);
      seen.push(...page.builds.map(({ job }) => job));
      next = page.next;
    } while (next !== null);
    assert.deepEqual(seen, names.toReversed());
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
    const { steps } = await get<BuildDetail>(`/api/builds/${build}`);
    assert.deepEqual(
      steps.map(({ number, status, phase, hasLog }) => ({ number, status, phase, hasLog })),
      [
        { number: third, status: 'running', phase: 'sending-inputs', hasLog: true },
        { number: second, status: 'succeeded', phase: null, hasLog: true },
        // Its log made way for that of the later attempt.
        { number: first, status: 'aborted', phase: null, hasLog: false },
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
    const detail = await get<BuildDetail>(`/api/builds/${build}`);
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
    const { steps, status } = await get<BuildDetail>(`/api/builds/${second}`);
    assert.equal(status, 'dependency-failed');
    assert.deepEqual(steps[0]?.origin, { build: first, step: broken });
    assert.equal(steps[0]?.hasLog, false);
  });

  test('a build whose work another one did says which', async () => {
    const { scene } = served;
    const [worker] = await scene.queue(['shared'], 'first');
    const [user] = await scene.queue(['shared'], 'second');
    assert.ok(worker && user);
    const step = await scene.startStep(worker, 'shared');
    const { standIn } = await get<BuildDetail>(`/api/builds/${user}`);
    assert.deepEqual([standIn?.build, standIn?.number, standIn?.status], [worker, step, 'running']);
  });

  test('running steps come with the job that they are for', async () => {
    const { scene } = served;
    const [build] = await scene.queue(['runs']);
    assert.ok(build);
    const number = await scene.startStep(build, 'runs', 'receiving-outputs');
    const { steps } = await get<RunningSteps>('/api/steps/running');
    const step = steps.find((step) => step.build === build);
    assert.deepEqual(
      [step?.job, step?.machine, step?.phase],
      ['runs', 'ares', 'receiving-outputs'],
    );
    const detail = await get<StepDetail>(`/api/builds/${build}/steps/${number}`);
    assert.deepEqual([detail.job, detail.status], ['runs', 'running']);
  });

  test('evaluations tell how their builds stand', async () => {
    const { scene } = served;
    const [good] = await scene.queue(['e1', 'e2'], 'evaluated');
    assert.ok(good);
    await scene.finishBuild(good, 'succeeded');
    const { evaluations } = await get<EvaluationList>('/api/evaluations?jobset=evaluated:jobset');
    assert.equal(evaluations.length, 1);
    const { builds, succeeded, failed, unfinished, evaluationSeconds } = evaluations[0] ?? {};
    assert.deepEqual([builds, succeeded, failed, unfinished, evaluationSeconds], [2, 1, 0, 1, 3]);
  });

  test('what is not there is told in words, with a code for programs', async () => {
    const { url } = served.server;
    for (const path of [
      '/api/builds/999999',
      '/api/builds/0',
      '/api/builds/99999999999',
      '/api/builds/x',
      '/api/builds/1/steps/999',
      '/api/builds/1/steps/999/log',
      '/api/builds/1/steps/999/log/live',
      '/api/builds/1/products/999',
      '/api/nothing',
      '/api/',
    ]) {
      const { status, text, headers } = await ask(url, path);
      assert.equal(status, 404, path);
      assert.equal(headers['content-type'], 'application/json; charset=utf-8', path);
      const { error } = JSON.parse(text);
      assert.equal(error.code, 'not-found', path);
      assert.match(error.message, /^There is|^Build \d+ has no/, path);
    }
  });

  test('a question that makes no sense is refused with what would be right', async () => {
    const { url } = served.server;
    for (const query of ['status=broken', 'before=yesterday', 'limit=1000', 'search=a%00b']) {
      const { status, text } = await ask(url, `/api/builds?${query}`);
      assert.equal(status, 400, query);
      assert.equal(JSON.parse(text).error.code, 'bad-parameter', query);
    }
  });

  test('nothing can be changed: only reading is understood', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      for (const path of ['/api/builds', '/api/builds/1', '/', '/nowhere']) {
        const { status, headers } = await ask(served.server.url, path, { method });
        assert.equal(status, 405, `${method} ${path}`);
        assert.equal(headers.allow, 'GET, HEAD');
      }
    }
  });

  test('HEAD tells what GET would, without the body', async () => {
    const { url } = served.server;
    for (const path of ['/api/builds', '/', '/api/builds/999999', '/api/events']) {
      const head = await ask(url, path, { method: 'HEAD' });
      assert.equal(head.body.length, 0, path);
      assert.equal(head.status, path.endsWith('999999') ? 404 : 200, path);
    }
  });

  test('every answer keeps the browser from guessing, and data from becoming a page', async () => {
    for (const path of ['/', '/api/builds', '/api/nothing', '/assets/nothing.js']) {
      const { headers } = await ask(served.server.url, path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.equal(headers['referrer-policy'], 'no-referrer', path);
      assert.match(String(headers['content-security-policy']), /default-src 'none'/, path);
    }
  });

  test('a long list is compressed for who understands it', async () => {
    const accepting = { headers: { 'accept-encoding': 'gzip' } };
    const packed = await ask(served.server.url, '/api/builds', accepting);
    assert.equal(packed.headers['content-encoding'], 'gzip');
    const plain = await ask(served.server.url, '/api/builds');
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(gunzipSync(packed.body).toString(), plain.text);
    const refusing = { headers: { 'accept-encoding': 'gzip;q=0, br' } };
    assert.equal((await ask(served.server.url, '/api/builds', refusing)).text, plain.text);
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

  test('machines are told as the runner tells them', async () => {
    const stats = { currentJobs: 1 };
    const facts = { systems: ['x86_64-linux'], maxJobs: 4, stats, cpuCount: 8 };
    await using runner = await serveRunner({
      '/status/machines': { machines: { hermes: facts, ares: facts }, machinesCount: 2 },
    });
    const { database, logDirectory, storeDirectory } = served;
    await using server = await startServer({
      ...{ database, logDirectory, storeDirectory, logger: silentLogger() },
      host: '127.0.0.1',
      port: 0,
      runnerUrl: runner.url,
    });
    const machine = { systems: ['x86_64-linux'], slots: 4, running: 1 };
    const { machines } = await askJson<Overview>(server.url, '/api/overview');
    assert.deepEqual(machines, [
      { name: 'ares', ...machine },
      { name: 'hermes', ...machine },
    ]);
  });

  test('pools of machines are told as their provisioner told the runner', async () => {
    const pool = {
      ...{ pool: 'small', sentence: '1 wanted.', wanted: 1, existing: 1, booting: 1, ready: 0 },
      ...{ draining: 0, costPerHour: 0.5, spent: 2 },
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
      ...{ database, logDirectory, storeDirectory, logger: silentLogger() },
      ...{ host: '127.0.0.1', port: 0, runnerUrl: runner.url },
    });
    assert.deepEqual(await askJson(server.url, '/api/provisioners'), { provisioners });
    assert.deepEqual(await askJson(server.url, '/api/v2/provisioners'), { items: provisioners });
  });

  test('a runner that does not answer leaves the machines unknown, and the rest as it is', async () => {
    const { database, logDirectory, storeDirectory } = served;
    await using server = await startServer({
      ...{ database, logDirectory, storeDirectory, logger: silentLogger() },
      host: '127.0.0.1',
      port: 0,
      runnerUrl: 'http://127.0.0.1:9',
    });
    const overview = await askJson<Overview>(server.url, '/api/overview');
    assert.equal(overview.machines, null);
    assert.ok(overview.builds.queued > 0);
  });
});
