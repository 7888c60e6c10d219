import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeEnvironment } from '../../cache/testing/fake-credentials.ts';
import { startFakeS3 } from '../../cache/testing/fake-s3.ts';
import { makeGate } from '../../builder/testing/gate.ts';
import { until } from '../../testing/live-farm.ts';
import { openMixedFarm } from '../../testing/hydra/mixed-farm.ts';
import { hydraPrograms, ownRunner } from '../../testing/hydra/programs.ts';
import type { Program } from '../../testing/hydra/programs.ts';

type Answer = { readonly status: number; readonly type: string | null; readonly shape: unknown };

const hydra = hydraPrograms();
const lists = [
  'jobsets',
  'builds',
  'steps',
  'runnable',
  'queues',
  'queues/jobs',
  'queues/scheduled',
];
const reads = ['', '/machines', '/uploads', ...lists.map((name) => `/${name}`)].map(
  (path) => `/status${path}`,
);
const wrongs: readonly (readonly [string, string, string?])[] = [
  ['GET', '/nowhere'],
  ['POST', '/status'],
  ['GET', '/status/build/many/active'],
];

/** What a runner answers, as to its shape, while one step runs, one waits for it, and one for a machine of its kind. */
async function hear(runner: Program) {
  await using s3 = await startFakeS3();
  await using mixed = await openMixedFarm('token over TCP', {
    settings: ({ storeDirectory }) => ({
      maxUnsupportedTimeInS: 3_600,
      remoteStoreAddr: [
        `s3://cache?endpoint=${s3.endpoint}&scheme=http&compression=zstd&store=${storeDirectory}`,
      ],
    }),
    environment: fakeEnvironment,
  });
  const { farm, rest } = mixed;
  await using _runner = await mixed.startRunner(runner);
  await using _builder = await mixed.startBuilder(hydra.builder);
  const gate = makeGate(farm.folder, 'gate');
  const finished = await farm.queueAll(
    `{ good = run "good" "echo > $out" {}; bad = run "bad" "exit 1" {}; }`,
    'done',
  );
  await farm.database.query("select pg_notify('builds_added', '?')");
  for (const { build } of Object.values(finished)) await farm.statusOf(build);
  const lower = `run "lower" "echo begun; ${gate.wait}; echo > $out" {}`;
  const waiting = await farm.queueAll(`{
    lower = ${lower};
    upper = run "upper" "echo > $out" { lower = ${lower}; };
    foreign = run "foreign" "echo > $out" { system = "riscv64-linux"; };
  }`);
  await farm.database.query("select pg_notify('builds_added', '?')");
  const running = waiting['lower']?.build ?? assert.fail();
  await until(async () => (await farm.steps(running))[0]?.busy === 30);
  const build = `/status/build/${running}/active`;
  const ask = async (method: string, path: string, body?: string): Promise<Answer> => {
    const response = await fetch(rest + path, { method, ...(body !== undefined && { body }) });
    const text = await response.text();
    const type = response.headers.get('content-type');
    return {
      status: response.status,
      type,
      shape: type === 'application/json' ? shapeOf(JSON.parse(text)) : text,
    };
  };
  const answers = new Map<string, Answer>();
  for (const path of [...reads, ...reads.map((path) => `${path}/`), build, `${build}/`]) {
    answers.set(`GET ${path.replace(/\d+/, 'ID')}`, await ask('GET', path));
  }
  for (const [method, path, body] of wrongs)
    answers.set(`${method} ${path}`, await ask(method, path, body));
  const one = JSON.stringify({ buildId: running });
  answers.set('POST /build_one', await ask('POST', '/build_one', one));
  const derivation = waiting['foreign']?.derivation;
  answers.set(
    'PUT /build',
    await ask('PUT', '/build', JSON.stringify({ drv: derivation, jobsetId: 1 })),
  );
  const { type, shape } = await ask('GET', '/metrics');
  await gate.open();
  return { answers, metrics: { type, ...seriesOf(String(shape)) } };
}

/** Kinds of values by their place; of a list those of its first member. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]));
}

/** Names with their labels, and types, without the figures; those of the process are Prometheus's. */
function seriesOf(page: string): { readonly series: string[]; readonly types: string[] } {
  const told = page.split('\n').filter((line) => line.startsWith('hydraqueuerunner_'));
  const series = new Set(told.map((line) => sortLabels(line.replace(/ [^ ]*$/, ''))));
  const types = page.split('\n').filter((line) => line.startsWith('# TYPE hydraqueuerunner_'));
  // A library may tell of what there is nothing of.
  const used = types.filter((line) =>
    told.some((each) => each.startsWith(line.split(' ')[2] ?? '')),
  );
  return { series: [...series].toSorted(), types: used.toSorted() };
}

const sortLabels = (name: string): string =>
  name.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').toSorted().join()}}`);

test("our runner's answers have exactly the shapes of Hydra's: keys, kinds, types, labels, statuses", async () => {
  const theirs = await hear(hydra.runner);
  const ours = await hear(ownRunner);
  assert.deepEqual(ours.metrics, theirs.metrics);
  assert.deepEqual(Object.fromEntries(ours.answers), Object.fromEntries(theirs.answers));
});
