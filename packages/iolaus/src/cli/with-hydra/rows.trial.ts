import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { instantiate } from '../../testing/instantiate.ts';
import { until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';
import { hearNotifications } from '../../testing/hydra/heard-notifications.ts';
import { openMixedFarm } from '../../testing/hydra/mixed-farm.ts';
import { hydraPrograms, ownBuilder, ownRunner } from '../../testing/hydra/programs.ts';
import type { Program } from '../../testing/hydra/programs.ts';
import { readWrittenRows } from '../../testing/hydra/written-rows.ts';
import type { Words, WrittenRows } from '../../testing/hydra/written-rows.ts';

// What is left out is what Hydra's runner does by chance or amiss: which of several builds of one derivation it charges,
// remembered failures, and what follows from content-addressed derivations.

const good = `run "good" ''
  mkdir -p $out/nix-support $out/docs $dev; ln -s $below $out/below; echo hi > $out/docs/index.html
  echo good-1.0 > $out/nix-support/hydra-release-name
  echo text > "$out/some text.txt"
  echo "doc none \\"$out/some text.txt\\"" > $out/nix-support/hydra-build-products
  echo "doc manual $out/docs index.html" >> $out/nix-support/hydra-build-products
  echo "file lost $out/nowhere" >> $out/nix-support/hydra-build-products
  echo "lines 17 kB" > $out/nix-support/hydra-metrics; echo "bare 0.5" >> $out/nix-support/hydra-metrics
'' { outputs = [ "out" "dev" ]; below = run "below" "echo > $out" {}; }`;
const hello = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
const fixed = `outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "${hello}";`;
const lines = 'i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done';
const failing = (name: string): string => `run "${name}" "exit 3" {}`;
const plain = (name: string, input = ''): string => `run "${name}" "echo > $out" { ${input} }`;
const foreign = 'run "foreign" "echo > $out" { system = "riscv64-linux"; }';

const builds = `{
  good = ${good};
  failing = ${failing('failing')};
  onInner = ${plain('on-inner', `lower = ${failing('inner')};`)};
  marked = run "marked" "mkdir -p $out/nix-support; touch $out/nix-support/failed" {};
  silent = run "silent" "exec sleep 60" {};
  slow = run "slow" "while true; do echo on; sleep 1; done" {};
  wordy = run "wordy" "${lines}; echo > $out" {};
  large = run "large" "head -c 100000 /dev/zero > $out" {};
  empty = run "empty" "true" {};
  fixed = run "fixed" "echo hello > $out" { ${fixed} };
  unlike = run "unlike" "echo goodbye > $out" { ${fixed} name = "unlike"; };
  floating = run "floating" "echo > $out" { __contentAddressed = true; outputHashMode = "recursive"; };
  local = ${plain('local')};
  onLocal = ${plain('on-local', `below = ${plain('local-below')};`)};
  fetched = ${plain('fetched')};
  onFetched = ${plain('on-fetched', `below = ${plain('fetched-below')};`)};
  missing = ${plain('missing')};
  foreign = ${foreign};
  onForeign = ${plain('on-foreign', `below = ${foreign};`)};
  cancelled = run "cancelled" "while true; do echo; sleep 1; done" {};
  restarted = ${failing('restarted')};
}`;
const again = `{ again = ${good}; }`;
/** Built before the runner starts, and in its store then, or in its daemon's cache alone. */
const stored = `{ a = ${plain('local')}; b = ${plain('local-below')}; }`;
const cached = `{ a = ${plain('fetched')}; b = ${plain('fetched-below')}; }`;

type Written = { readonly rows: WrittenRows; readonly told: Readonly<Record<string, string[]>> };

const hydra = hydraPrograms();
/** For a builder to be there, before all that waits is given up. */
const patienceSeconds = 10;

/** How often the end of a build is told, where that is not once. */
const ends: Readonly<Record<string, number>> = { restarted: 2, missing: 0, cancelled: 0 };

test('rows and notifications of our runner are those of Hydra, table by table and build by build', async () => {
  const theirs = await record(hydra.runner, hydra.builder);
  const ours = await record(ownRunner, ownBuilder);
  for (const [table, rows] of Object.entries(theirs.rows)) {
    assert.deepEqual(ours.rows[table], rows, table);
  }
  assert.deepEqual(ours.told, theirs.told);
});

async function record(runner: Program, builder: Program): Promise<Written> {
  await using cleaning = new AsyncDisposableStack();
  const cache = cleaning.adopt(await mkdtemp(join(tmpdir(), 'cache-')), (path) =>
    rm(path, { recursive: true }),
  );
  const limits = { maxSilentTime: 4, buildTimeout: 8, maxLogSize: 10_000, maxOutputSize: 50_000 };
  const mixed = cleaning.use(
    await openMixedFarm('token over TCP', {
      settings: () => ({ ...limits, useSubstitutes: true, maxUnsupportedTimeInS: patienceSeconds }),
      daemonSettings: { substituters: `file://${cache}`, 'require-sigs': 'false' },
    }),
  );
  const { farm } = mixed;
  await prepareOutputs(farm, cache);
  const ids = await queueJobs(farm, builds);
  await farm.database.query(
    "update builds set drvpath = replace(drvpath, '-missing.drv', '-nowhere.drv')",
  );
  const heard = await hearNotifications(farm);
  cleaning.defer(() => heard.stop());
  cleaning.use(await mixed.startRunner(runner));
  cleaning.use(await mixed.startBuilder(builder));
  await interfere(farm, ids);
  await endAll(farm, ids);
  for (const [job, id] of await queueJobs(farm, again)) ids.set(job, id);
  await farm.database.query("select pg_notify('builds_added', '?')");
  await endAll(farm, ids);
  const words = wordsOf(farm, ids);
  const rows = await readWrittenRows(farm, [...ids.values()], words);
  const told = await until(async () => {
    const lines = await heard.lines(words);
    return [...ids.keys()].every((job) => countEnds(job, lines) >= (ends[job] ?? 1)) && lines;
  });
  return { rows, told: groupByJob([...ids.keys()], told) };
}

/** Brings outputs where they are found later, without a farm. */
async function prepareOutputs(farm: LiveFarm, cache: string): Promise<void> {
  const { environment: env, address } = farm.daemon;
  const nix = async (program: string, ...parameters: readonly string[]): Promise<string> =>
    (await promisify(execFile)(program, parameters, { env })).stdout.trim();
  const realise = async (set: string): Promise<string[]> => {
    const found = await instantiate(farm.daemon, set);
    return Promise.all(found.map(({ derivation }) => nix('nix-store', '--realise', derivation)));
  };
  await realise(stored);
  const outputs = await realise(cached);
  await nix('nix', 'copy', '--to', `file://${cache}`, ...outputs);
  await nix('nix-store', '--delete', ...outputs);
  const info = `StoreDir: ${address.storeDirectory}\nWantMassQuery: 1\n`;
  await writeFile(join(cache, 'nix-cache-info'), info);
}

async function queueJobs(farm: LiveFarm, set: string): Promise<Map<string, number>> {
  const queued = await farm.queueAll(set);
  return new Map(Object.entries(queued).map(([job, { build }]) => [job, build]));
}

/** Somebody cancels a build on Hydra's pages, and restarts another one. */
async function interfere(farm: LiveFarm, ids: ReadonlyMap<string, number>): Promise<void> {
  const [cancelled = 0, restarted = 0] = ['cancelled', 'restarted'].map((job) => ids.get(job));
  await until(async () => (await farm.steps(cancelled))[0]?.busy === 30);
  await farm.database.query(
    `update builds set finished = 1, buildstatus = 4, iscachedbuild = 0, starttime = 1, stoptime = 1 where id = $1`,
    [cancelled],
  );
  const statuses = async (build: number): Promise<(number | null)[]> =>
    (await farm.steps(build)).map(({ status }) => status);
  await until(async () => (await statuses(cancelled)).includes(4));
  await farm.statusOf(restarted);
  await farm.database.query(
    'update builds set finished = 0, iscachedbuild = 0, buildstatus = null where id = $1',
    [restarted],
  );
  await until(async () => (await statuses(restarted)).join() === '1,1');
}

async function endAll(farm: LiveFarm, ids: ReadonlyMap<string, number>): Promise<void> {
  for (const id of ids.values()) await farm.statusOf(id);
}

function wordsOf(farm: LiveFarm, ids: ReadonlyMap<string, number>): Words {
  const names = new Map([...ids].map(([job, id]) => [id, job]));
  return {
    build: (id) => (id === null ? null : (names.get(Number(id)) ?? 'a build of somebody else')),
    text: (text) =>
      text
        .replaceAll(farm.daemon.address.storeDirectory, 'STORE')
        .replaceAll(farm.folder, 'FOLDER')
        .replaceAll(/[a-z0-9]{2}\/?[a-z0-9]{30}-/g, 'HASH-'),
  };
}

const isAbout = (job: string, line: string): boolean => line.split(' ').includes(job);

const countEnds = (job: string, lines: readonly string[]): number =>
  lines.filter((line) => line.startsWith('build_finished') && isAbout(job, line)).length;

/** Each once: Hydra's runner may try a step again that has just failed for good. */
const groupByJob = (jobs: readonly string[], lines: readonly string[]) =>
  Object.fromEntries(
    jobs.map((job) => [job, [...new Set(lines.filter((line) => isAbout(job, line)))]]),
  );
