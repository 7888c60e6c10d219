import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { BuildId } from '../../farm/identity.ts';
import { ask, askJson } from '../testing/ask.ts';
import type { Answer } from '../testing/ask.ts';
import { derivationOf, outputOf, storeHash } from '../testing/scene.ts';
import { serveScene } from '../testing/serve-scene.ts';
import type { ServedScene } from '../testing/serve-scene.ts';

type Json = Readonly<Record<string, unknown>>;

// In a suite, so that the server is gone before its database.
suite("what Hydra's clients ask for", () => {
  let served: ServedScene;
  let good: BuildId;
  let bad: BuildId;
  let waiting: BuildId;
  let secret: BuildId;

  const get = <T = Json>(path: string): Promise<T> => askJson<T>(served.server.url, path);
  const look = (path: string, accept = 'application/json'): Promise<Answer> =>
    ask(served.server.url, path, { headers: { accept } });
  const errorOf = async (path: string): Promise<readonly [number, string]> => {
    const { status, text } = await look(path);
    const { error }: { error: string } = JSON.parse(text);
    return [status, error];
  };
  const locationOf = async (path: string, accept?: string): Promise<string | undefined> => {
    const { status, headers } = await look(path, accept);
    assert.equal(status, 302, path);
    return headers.location;
  };

  before(async () => {
    served = await serveScene();
    const { scene, database, storeDirectory } = served;
    const output = join(storeDirectory, `${storeHash}-good`);
    await mkdir(output);
    await writeFile(join(output, 'good.iso'), 'an image');
    [good, bad] = await twoOf(await scene.queue(['good', 'bad']));
    const step = await scene.startStep(good, 'good');
    await scene.writeLog('good', 'one\ntwo\nthree\n');
    await scene.finishStep(good, step, 'succeeded');
    await scene.showResults({
      build: good,
      outputs: new Map([['out', outputOf('good')]]),
      products: [
        {
          type: 'file',
          subtype: 'iso',
          name: 'good.iso',
          path: `${outputOf('good')}/good.iso`,
          fileSize: 7,
          sha256: 'ab',
          defaultPath: '',
        },
      ],
      metrics: [{ name: 'speed', value: 2.5, unit: 'm/s' }],
    });
    await scene.finishBuild(good, 'succeeded');
    await scene.finishBuild(bad, 'failed');
    [waiting] = await twoOf(await scene.queue(['waiting', 'waiting-too']));
    [secret] = await twoOf(await scene.queue(['secret', 'secret-too'], 'hidden'));
    await database.query(`update projects set hidden = 1 where name = 'hidden'`);
  });
  after(() => served[Symbol.asyncDispose]());

  test('a build with its outputs, products and metrics', async () => {
    assert.deepEqual(await get(`/build/${good}`), {
      id: good,
      finished: 1,
      timestamp: 1_790_000_000,
      starttime: 1_790_000_000,
      stoptime: 1_790_000_065,
      project: 'project',
      jobset: 'jobset',
      job: 'good',
      nixname: 'good',
      system: 'x86_64-linux',
      priority: 100,
      buildstatus: 0,
      releasename: null,
      drvpath: derivationOf('good'),
      jobsetevals: [1],
      buildoutputs: { out: { path: outputOf('good') } },
      buildproducts: {
        1: {
          type: 'file',
          subtype: 'iso',
          name: 'good.iso',
          filesize: 7,
          sha256hash: 'ab',
          path: `${outputOf('good')}/good.iso`,
          defaultpath: '',
        },
      },
      buildmetrics: { speed: { value: 2.5, unit: 'm/s' } },
    });
  });

  test('what is not there, or makes no sense, is said in one sentence', async () => {
    assert.deepEqual(await errorOf('/build/999'), [404, 'There is no build 999.']);
    assert.deepEqual(await errorOf('/project/none'), [404, 'There is no project “none”.']);
    assert.equal((await errorOf('/build/x'))[0], 404);
    assert.equal((await errorOf('/search?query='))[0], 400);
    assert.equal((await errorOf('/search?query=%25'))[0], 400);
    assert.equal((await errorOf('/api/latestbuilds'))[0], 400);
    assert.equal((await errorOf('/api/nrbuilds?nr=3&period=week'))[0], 400);
  });

  test('projects and jobsets', async () => {
    const { status, text } = await look('/');
    assert.equal(status, 200);
    const projects: Json[] = JSON.parse(text);
    assert.deepEqual(
      projects.map(({ name, enabled, jobsets }) => ({ name, enabled, jobsets })),
      [{ name: 'project', enabled: true, jobsets: ['jobset'] }],
    );
    assert.equal((await get('/project/project'))['name'], 'project');
    const jobset = await get('/jobset/project/jobset');
    assert.equal(jobset['visible'], true);
    assert.deepEqual(jobset['inputs'], {});
    const [overview] = await get<Json[]>('/api/jobsets?project=project');
    assert.equal(overview?.['name'], 'jobset');
    assert.equal(overview['haserrormsg'], false);
  });

  test('evaluations, their builds and their outputs', async () => {
    const evaluation = await get('/eval/1');
    assert.deepEqual(evaluation['builds'], [good, bad]);
    const builds = await get<Json[]>('/eval/1/builds');
    assert.deepEqual(
      builds.map(({ id }) => id),
      [good, bad],
    );
    assert.deepEqual(await get('/eval/7/builds'), []);
    const all = await get<{ evals: Json[]; first: string; last: string; next?: string }>('/evals');
    assert.deepEqual(
      all.evals.map((info) => [info['nrScheduled'], info['nrSucceeded'], info['nrFailed']]),
      [
        [2, 0, 0],
        [0, 1, 1],
      ],
    );
    assert.deepEqual([all.first, all.last, all.next], ['?page=1', '?page=1', undefined]);
    assert.equal((await get<{ evals: Json[] }>('/jobset/project/jobset/evals')).evals.length, 2);
    assert.deepEqual(await get('/eval/1/store-paths'), []);
    assert.equal(
      await locationOf('/jobset/project/jobset/latest-eval/store-paths'),
      '/eval/1/store-paths',
    );
    assert.equal(await locationOf('/eval/1/job/good/download/1'), `/build/${good}/download/1`);
  });

  test('the newest success of a job, its badge and its history', async () => {
    assert.equal(await locationOf('/job/project/jobset/good/latest'), `/build/${good}`);
    assert.equal(
      await locationOf('/job/project/jobset/good/latest-for/x86_64-linux/download/1'),
      `/build/${good}/download/1`,
    );
    assert.equal(await locationOf('/job/project/jobset/good/latest-finished'), `/build/${good}`);
    assert.equal((await look('/job/project/jobset/bad/latest')).status, 404);
    const badge = { schemaVersion: 1, label: 'hydra build' };
    assert.deepEqual(await get('/job/project/jobset/good/shield'), {
      ...badge,
      color: 'green',
      message: 'passing',
    });
    assert.deepEqual(await get('/job/project/jobset/bad/shield'), {
      ...badge,
      color: 'red',
      message: 'failing',
    });
    const point = { id: good, timestamp: 1_790_000_000 };
    assert.deepEqual(await get('/job/project/jobset/good/build-times'), [{ ...point, value: 65 }]);
    assert.deepEqual(await get('/job/project/jobset/good/metric/speed'), [
      { ...point, value: 2.5, unit: 'm/s' },
    ]);
    const { text } = await look('/job/project/jobset/good/prometheus');
    assert.match(text, /hydra_job_failed\{project="project",jobset="jobset",job="good"\} 0/);
  });

  test('what waits and what was built last', async () => {
    const queue = await get<Json[]>('/api/queue?nr=10');
    assert.equal(queue[0]?.['id'], waiting);
    assert.equal(queue.length, 2);
    const latest = await get<Json[]>('/api/latestbuilds?nr=10&project=project&job=bad');
    assert.deepEqual(
      latest.map(({ id, buildstatus }) => [id, buildstatus]),
      [[bad, 1]],
    );
    const queued = await get<Json[]>('/queue');
    assert.equal(queued.length, 2);
    assert.deepEqual(await get('/status'), []);
  });

  test('a log by the name of its derivation, whole or its end', async () => {
    const name = derivationOf('good').replace('/nix/store/', '');
    assert.equal((await look(`/log/${name}`)).text, 'one\ntwo\nthree\n');
    assert.equal((await look(`/log/${name}?tail=2`)).text, 'two\nthree\n');
    assert.equal((await look(`/log/${name}?tail=9`)).text, 'one\ntwo\nthree\n');
    assert.equal((await look('/log/nothing.drv')).status, 404);
    assert.equal(await locationOf(`/build/${good}/log/raw`), `/log/${name}`);
    assert.equal(await locationOf(`/build/${good}/nixlog/1/tail`), `/log/${name}?tail=50`);
  });

  test('who follows an old link in a browser comes to the page', async () => {
    assert.equal(await locationOf(`/build/${good}`, 'text/html,*/*'), `/builds/${good}`);
    assert.equal(await locationOf(`/build/${good}/step/1`, 'text/html'), `/builds/${good}/steps/1`);
  });

  test('a product comes by its number, its name and its type', async () => {
    for (const way of ['download/1', 'download/good.iso', 'download-by-type/file/iso/good.iso']) {
      assert.equal((await look(`/build/${good}/${way}`)).text, 'an image', way);
    }
  });

  test('what is searched for is found as it is written, by name, output and derivation', async () => {
    type Found = Readonly<Record<'projects' | 'jobsets' | 'jobs' | 'builds' | 'buildsdrv', Json[]>>;
    const found = await get<Found>('/search?query=proj');
    assert.deepEqual(
      found.projects.map(({ name }) => name),
      ['project'],
    );
    assert.deepEqual((await get<Found>('/search?query=pr_j')).projects, []);
    assert.equal((await get<Found>(`/search?query=${outputOf('good')}`)).builds[0]?.['id'], good);
    assert.equal(
      (await get<Found>(`/search?query=${derivationOf('bad')}`)).buildsdrv[0]?.['id'],
      bad,
    );
  });

  test('nothing is told of what is hidden, by whatever way it is asked for', async () => {
    const paths = [
      '/',
      '/evals',
      '/queue',
      '/api/queue?nr=99',
      '/api/jobsets',
      '/search?query=secret',
      `/build/${secret}`,
      '/project/hidden',
      '/jobset/hidden/jobset',
      '/eval/3',
      '/eval/3/builds',
      '/api/latestbuilds?nr=99&project=hidden',
      `/build/${secret}/api/get-info`,
    ];
    for (const path of paths) {
      const { text } = await look(path);
      assert.doesNotMatch(text, /secret|"hidden":true|"project":"hidden"/, path);
    }
  });
});

async function twoOf(builds: readonly BuildId[]): Promise<[BuildId, BuildId]> {
  const [first, second] = builds;
  assert.ok(first !== undefined && second !== undefined);
  return [first, second];
}
