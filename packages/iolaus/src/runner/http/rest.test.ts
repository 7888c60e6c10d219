import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { Provisioners } from './provisioners.ts';
import { derivationNamed, serveScene } from './testing/serve-scene.ts';

/** The keys of each object that Hydra's queue runner answers with. */
const keys = {
  machine:
    'systems hostname uptime cpuCount bogomips speedFactor maxJobs buildDirAvailThreshold storeAvailThreshold ' +
    'load1Threshold cpuPsiThreshold memPsiThreshold ioPsiThreshold score totalMem supportedFeatures ' +
    'mandatoryFeatures cgroups substituters useSubstitutes nixVersion stats jobs hasCapacity hasDynamicCapacity ' +
    'hasStaticCapacity',
  stats:
    'currentJobs nrStepsDone avgStepTimeMs avgStepImportTimeMs avgStepBuildTimeMs avgStepUploadTimeMs ' +
    'totalStepTimeMs totalStepImportTimeMs totalStepBuildTimeMs totalStepUploadTimeMs idleSince lastFailure ' +
    'disabledUntil consecutiveFailures lastPing sinceLastPing load1 load5 load15 memUsage pressure ' +
    'buildDirFreePercent storeFreePercent currentUploadingPathCount currentDownloadingPathCount ' +
    'jobsInLast30sStart jobsInLast30sCount failedBuilds succeededBuilds',
  s3: 'put putBytes putTimeMs putSpeed get getBytes getTimeMs getSpeed head costDollarApprox',
  pressure: 'cpuSome memSome memFull ioSome ioFull irqFull',
  jobset: 'id projectName name seconds shares',
  build:
    'id drvPath jobsetId name timestamp maxSilentTime timeout localPriority globalPriority finishedInDb',
  step:
    'drvPath runnable finished previousFailure created tries highestGlobalPriority highestLocalPriority ' +
    'lowestBuildId depsCount',
  stepInfo:
    'drvPath alreadyScheduled runnable finished cancelled runnableSince tries lowestShareUsed ' +
    'highestGlobalPriority highestLocalPriority lowestBuildId',
  queueRunner:
    'status time uptime proc supportedFeatures buildCount jobsetCount stepCount runnableCount queueStats ' +
    'queueChecksStarted queueBuildLoads queueStepsCreated queueChecksEarlyExits queueChecksFinished ' +
    'dispatcherTimeSpentRunning dispatcherTimeSpentWaiting queueMonitorTimeSpentRunning ' +
    'queueMonitorTimeSpentWaiting nrBuildsRead buildReadTimeMs nrBuildsUnfinished nrBuildsDone nrBuildsSucceeded ' +
    'nrBuildsFailed nrStepsStarted nrStepsDone nrStepsBuilding nrStepsWaiting nrStepsRunnable nrStepsUnfinished ' +
    'nrUnsupportedSteps nrUnsupportedStepsAborted nrSubstitutesStarted nrSubstitutesFailed ' +
    'nrSubstitutesSucceeded nrRetries maxNrRetries avgStepTimeMs avgStepImportTimeMs avgStepBuildTimeMs ' +
    'avgStepUploadTimeMs totalStepTimeMs totalStepImportTimeMs totalStepBuildTimeMs totalStepUploadTimeMs ' +
    'nrQueueWakeups nrDispatcherWakeups dispatchTimeMs machinesTotal machinesInUse s3UploadsPending',
  queueStats:
    'activeRunnable totalRunnable nrRunnableWaiting nrRunnableDisabled avgRunnableTime waitTimeMs',
} as const;

const object = z.record(z.string(), z.unknown());
const list = z.array(object);

/** Descends into an answer by keys, and checks that what is there has exactly Hydra's. */
function assertKeys(answer: unknown, path: readonly string[], shape: keyof typeof keys): void {
  let value = answer;
  for (const key of path) value = object.parse(value)[key];
  assert.deepEqual(Object.keys(object.parse(value)).toSorted(), keys[shape].split(' ').toSorted());
}

async function get(url: string, path: string): Promise<unknown> {
  const response = await fetch(url + path);
  assert.equal(response.status, 200, path);
  assert.equal(response.headers.get('content-type'), 'application/json');
  return response.json();
}

test("the status has exactly the shapes of Hydra's", async () => {
  await using scene = await serveScene({});
  const status = await get(scene.url, '/status');
  assert.deepEqual(Object.keys(object.parse(status)), [
    'queueRunner',
    'machines',
    'jobsets',
    'store',
    's3',
  ]);
  assertKeys(status, ['queueRunner'], 'queueRunner');
  assertKeys(status, ['queueRunner', 'queueStats', 'x86_64-linux'], 'queueStats');
  assertKeys(status, ['machines', 'ares'], 'machine');
  assertKeys(status, ['machines', 'ares', 'stats'], 'stats');
  assertKeys(status, ['machines', 'ares', 'stats', 'pressure'], 'pressure');
  assertKeys(status, ['jobsets', 'project:jobset'], 'jobset');
  assertKeys(status, ['s3', 'cache'], 's3');
});

test('of a store in S3 it is told what went there and came from it, how fast, and at what cost', async () => {
  await using scene = await serveScene({});
  const { s3 } = object.parse(await get(scene.url, '/status'));
  assert.deepEqual(s3, {
    cache: {
      put: 2,
      putBytes: 2 ** 20,
      putTimeMs: 500,
      putSpeed: 2,
      get: 2,
      getBytes: 2 ** 20,
      getTimeMs: 500,
      getSpeed: 2,
      head: 3,
      costDollarApprox: (2 / 1_000) * 0.005 + (5 / 10_000) * 0.004 + 0.09 / 1_024,
    },
  });
});

type Shape = string | { readonly [key: string]: Shape } | readonly Shape[];

/** What kind of value is where. */
function shapeOf(value: unknown): Shape {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]));
}

/** Each value is of the kind that it should be, where both sides have one. */
function assertSameKinds(ours: Shape, theirs: Shape, place: string): void {
  if (ours === 'null' || theirs === 'null') return;
  if (typeof ours === 'string' || typeof theirs === 'string') assert.equal(ours, theirs, place);
  else {
    for (const [key, each] of Object.entries(theirs)) {
      const own: Shape | undefined = Object.entries(ours).find(([name]) => name === key)?.[1];
      if (own !== undefined) assertSameKinds(own, each, `${place} ${key}`);
    }
  }
}

test("values are of the kinds that Hydra's own runner answered with", async () => {
  await using scene = await serveScene({});
  const file = new URL('../../../fixtures/hydra-answers.json', import.meta.url);
  const answers = object.parse(JSON.parse(await readFile(file, 'utf8')));
  for (const [path, theirs] of Object.entries(answers)) {
    assertSameKinds(shapeOf(await get(scene.url, path)), shapeOf(theirs), path);
  }
});

test('a machine is told with what it runs and whether it takes more', async () => {
  await using scene = await serveScene({});
  const answer = z
    .object({
      machines: z.object({
        ares: z.looseObject({
          jobs: z.array(z.string()),
          score: z.number(),
          hasCapacity: z.boolean(),
          stats: z.looseObject({ currentJobs: z.number(), idleSince: z.number() }),
        }),
      }),
      machinesCount: z.literal(1),
    })
    .parse(await get(scene.url, '/status/machines/'));
  const { jobs, score, hasCapacity, stats } = answer.machines.ares;
  assert.deepEqual(jobs, [derivationNamed('lower')]);
  assert.equal(score, 2 * 8 * 3);
  assert.equal(hasCapacity, true);
  assert.deepEqual([stats.currentJobs, stats.idleSince], [1, 0]);
});

test('jobsets, builds, steps and queues are lists with their number', async () => {
  await using scene = await serveScene({});
  const read = async (path: string, name: string, count: string): Promise<unknown[]> => {
    const answer = object.parse(await get(scene.url, path));
    const items = list.parse(answer[name]);
    assert.deepEqual(Object.keys(answer), [name, count]);
    assert.equal(answer[count], items.length);
    return items;
  };
  const builds = await read('/status/builds', 'builds', 'buildCount');
  assert.equal(builds.length, 3);
  for (const build of builds) assertKeys(build, [], 'build');
  const steps = await read('/status/steps', 'steps', 'stepCount');
  assert.equal(steps.length, 3);
  for (const step of steps) assertKeys(step, [], 'step');
  assert.equal((await read('/status/runnable/', 'steps', 'stepCount')).length, 2);
  const jobs = await read('/status/queues/jobs', 'steps', 'stepCount');
  assert.equal(jobs.length, 2);
  for (const job of jobs) assertKeys(job, [], 'stepInfo');
  assert.equal((await read('/status/queues/scheduled', 'steps', 'stepCount')).length, 1);
  assert.deepEqual(await get(scene.url, '/status/uploads'), {
    paths: [`${'1'.repeat(32)}-lower`],
    pathCount: 1,
  });
  const { queues } = object.parse(await get(scene.url, '/status/queues'));
  assert.deepEqual(Object.keys(object.parse(queues)).toSorted(), ['riscv64-linux', 'x86_64-linux']);
  const { jobsets, jobsetCount } = object.parse(await get(scene.url, '/status/jobsets'));
  assertKeys(jobsets, ['project:jobset'], 'jobset');
  assert.equal(jobsetCount, 1);
});

test('of each builder it is told why it gets no work, and what went wrong there', async () => {
  await using scene = await serveScene({});
  const { builders } = object.parse(await get(scene.url, '/builders'));
  const [ares] = list.parse(builders);
  const { hostname, closed, hold, faults, blames, onTrial } = ares ?? {};
  assert.deepEqual([hostname, closed, hold], ['ares', null, null]);
  assert.deepEqual([faults, blames, onTrial], [0, 0, false]);
});

test('whether a build is still to be done is told by the database', async () => {
  await using scene = await serveScene({});
  assert.equal((await fetch(`${scene.url}/status/build/1/active/`)).status, 404);
  assert.deepEqual(await get(scene.url, '/status/build/1/active'), { active: true });
  assert.deepEqual(await get(scene.url, '/status/build/4711/active'), { active: false });
});

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

test('a provisioner is told what is needed and who is there, and can hold a machine back', async () => {
  await using scene = await serveScene({});
  const demand = z.object({ needs: list, builders: list }).parse(await get(scene.url, '/demand'));
  const foreign = demand.needs.find(({ system }) => system === 'riscv64-linux');
  assert.equal(foreign?.['runnable'], 1);
  const [ares] = demand.builders;
  assert.deepEqual([ares?.['hostname'], ares?.['attempts'], ares?.['closed']], ['ares', 1, null]);
});

const post = (url: string, body: unknown, token?: string): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
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

test('a provisioner tells how its pools stand, and what makes no sense is refused', async () => {
  await using scene = await serveScene({});
  const report = {
    owner: 'farm',
    currency: '€',
    at: 5,
    pools: [],
    remarks: ['none'],
    decisions: [],
  };
  const tell = (body: object): Promise<Response> =>
    fetch(`${scene.url}/provisioners`, { method: 'PUT', body: JSON.stringify(body) });
  assert.equal((await tell(report)).status, 200);
  assert.equal((await tell({ ...report, at: 'now' })).status, 400);
  assert.deepEqual(await get(scene.url, '/provisioners'), { provisioners: [report] });
});

test('of provisioners with one owner one has the lead, until it has not asked for as long as it said', async () => {
  await using scene = await serveScene({});
  const ask = async (holder: string, owner = 'farm'): Promise<unknown> => {
    const body = JSON.stringify({ owner, holder, milliseconds: 60_000 });
    return (await fetch(`${scene.url}/provisioners/lead`, { method: 'POST', body })).json();
  };
  assert.deepEqual(await ask('one'), { holder: 'one', isNew: true });
  assert.deepEqual(await ask('other'), { holder: 'one', isNew: false });
  assert.deepEqual(await ask('one'), { holder: 'one', isNew: false });
  assert.deepEqual(await ask('other', 'another farm'), { holder: 'other', isNew: true });
});

test("a lead that has run out is the next one's", () => {
  const provisioners = new Provisioners();
  const wish = { owner: 'farm', holder: 'one', milliseconds: 10 };
  assert.deepEqual(provisioners.lead(wish, 0), { holder: 'one', isNew: true });
  const other = { ...wish, holder: 'other' };
  assert.deepEqual(provisioners.lead(other, 10), { holder: 'one', isNew: false });
  assert.deepEqual(provisioners.lead(other, 11), { holder: 'other', isNew: true });
});

test('the queue is told a step a line, with what is next, and why a step waits', async () => {
  await using scene = await serveScene({});
  const lines = (await (await fetch(`${scene.url}/queue`)).text()).trimEnd().split('\n');
  const rows = lines.map((line) => z.array(z.unknown()).parse(JSON.parse(line)).slice(0, 4));
  assert.deepEqual(
    rows.toSorted((a, b) => String(a[0]).localeCompare(String(b[0]), 'en')),
    [
      [derivationNamed('foreign'), 'riscv64-linux', 'runnable', 'capable-builder'],
      [derivationNamed('lower'), 'x86_64-linux', 'leased', 'builder'],
      [derivationNamed('upper'), 'x86_64-linux', 'waiting', 'inputs'],
    ],
  );
  assert.deepEqual(await get(scene.url, '/queue/next'), {
    derivations: [derivationNamed('foreign')],
  });
  assert.deepEqual(await get(scene.url, '/queue/speeds'), {
    speeds: { 'x86_64-linux': 8, 'riscv64-linux': 0 },
  });
  const why = { type: 'inputs', inputs: [derivationNamed('lower')] };
  const byName = object.parse(
    await get(scene.url, `/explain?derivation=${derivationNamed('upper')}`),
  );
  assert.deepEqual([byName['why'], byName['jobsets']], [why, [1]]);
  const byBuild = object.parse(await get(scene.url, '/explain/1'));
  assert.deepEqual(byBuild['why'], why);
  assert.equal((await fetch(`${scene.url}/explain/99`)).status, 404);
  assert.equal((await fetch(`${scene.url}/explain?derivation=no`)).status, 400);
});
