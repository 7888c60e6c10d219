import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { z } from 'zod';
import { derivationNamed, serveScene } from '../testing/serve-scene.ts';
import { get, list, object } from '../testing/ask.ts';
import { assertKeys } from '../testing/hydra-shapes.ts';

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
  const file = new URL('../../../../fixtures/hydra-answers.json', import.meta.url);
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
