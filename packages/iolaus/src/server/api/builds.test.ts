import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Answer, JsonOperation } from '../../api/contract.ts';
import { askJson } from '../testing/ask.ts';
import { derivationOf, outputOf } from '../testing/scene.ts';
import { serveScene } from '../testing/serve-scene.ts';
import type { ServedScene } from '../testing/serve-scene.ts';

// In a suite, so that the server is gone before its database.
suite('what API v2 tells of builds', () => {
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
});
