import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { derivationPath } from '@iolaus/nix';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';
import { executions, markedJobs } from '../../testing/marked-jobs.ts';

const succeeded = 0;
const failed = 1;
const aborted = 3;

/** Something else each time. */
const random = 'cat /proc/sys/kernel/random/uuid > $out';

/** Queues them as an evaluation, and tells how each ended. */
async function evaluate(farm: LiveFarm, set: string): Promise<Record<string, number>> {
  const queued = await farm.queueAll(markedJobs(farm, set));
  const ends = Object.entries(queued).map(
    async ([name, { build }]) => [name, await farm.statusOf(build)] as const,
  );
  return Object.fromEntries(await Promise.all(ends));
}

/** What is in the latest output of a job. */
async function contents({ database }: LiveFarm, job: string): Promise<string> {
  const [row] = await database.query<{ path: string }>(
    `select o.path from builds b join buildoutputs o on o.build = b.id
     where b.job = $1 and o.name = 'out' order by b.id desc limit 1`,
    [job],
  );
  return readFile(row?.path ?? '', 'utf8');
}

const counts = (farm: LiveFarm, ...names: readonly string[]): Promise<number[]> =>
  Promise.all(names.map((name) => executions(farm, name)));

test('what is impure is built anew for each evaluation, once for all that need it', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const set = `(let impure = { __impure = true; }; in rec {
    source = make "source" ${JSON.stringify(random)} impure;
    reader = make "reader" "cat \${source} > $out" impure;
    pinned = make "pinned" ": \${source}; echo pinned > $out" {
      outputHashMode = "flat"; outputHashAlgo = "sha256";
      outputHash = builtins.hashString "sha256" "pinned\\n"; };
    pure = make "pure" "cat \${source} > $out" { };
  })`;
  const ends = { pinned: succeeded, pure: aborted, reader: succeeded, source: succeeded };
  assert.deepEqual(await evaluate(farm, set), ends);
  assert.equal(await contents(farm, 'reader'), await contents(farm, 'source'));
  assert.deepEqual(await counts(farm, 'source', 'reader', 'pinned'), [1, 1, 1]);
  const former = await contents(farm, 'source');
  assert.deepEqual(await evaluate(farm, set), ends);
  assert.notEqual(await contents(farm, 'source'), former);
  assert.equal(await contents(farm, 'reader'), await contents(farm, 'source'));
  assert.deepEqual(await counts(farm, 'source', 'reader', 'pinned'), [2, 2, 1]);
});

test('what comes out otherwise than the last time is taken as it is, and the same for all that need it', async () => {
  await using farm = await openLiveFarm();
  const set = `(let source = make "source" ${JSON.stringify(random)} floating; in {
    one = make "one" "cat \${source} > $out" floating;
    other = make "other" "cat \${source} > $out" { };
  })`;
  const build = async (): Promise<string> => {
    await using runner = await farm.startRunner();
    await using _builder = await farm.startBuilder(runner.endpoint);
    assert.deepEqual(await evaluate(farm, set), { one: succeeded, other: succeeded });
    assert.equal(await contents(farm, 'other'), await contents(farm, 'one'));
    return await contents(farm, 'one');
  };
  const former = await build();
  await promisify(execFile)('nix-store', ['--gc'], { env: farm.daemon.environment });
  assert.notEqual(await build(), former);
  assert.deepEqual(await counts(farm, 'source', 'one', 'other'), [2, 2, 2]);
});

test('a failure that is remembered is that of all that resolve to it, until somebody restarts one', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner({ failedPathsTtlInS: 3_600 });
  await using _builder = await farm.startBuilder(runner.endpoint);
  const set = (salt: string): string => `{
    down = make "down" "cat \${upstream "${salt}"}; exit 1" floating;
    leaf = make "leaf" "exit 1" floating;
  }`;
  const ends = { down: failed, leaf: failed };
  assert.deepEqual(await evaluate(farm, set('1')), ends);
  assert.deepEqual(await evaluate(farm, set('2')), ends);
  assert.deepEqual(await counts(farm, 'down', 'leaf'), [1, 1]);
  const rows = await farm.database.query<{ origin: number | null }>(
    'select propagatedfrom as origin from buildsteps where status = 8',
  );
  assert.equal(rows.filter(({ origin }) => origin !== null).length, 2);
  await farm.database.query('update builds set finished = 0, buildstatus = null');
  await until(async () => (await counts(farm, 'down', 'leaf')).join(' ') === '2 2');
});

test('a builder without the feature is not given what needs it, and that is why it waits', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  const settings = { supportedFeatures: ['kvm'] };
  await using _builder = await farm.startBuilder(runner.endpoint, { settings });
  const attributes = '{ __contentAddressed = true; outputHashMode = "recursive"; }';
  const { derivation } = await farm.queue('floating', 'echo > $out', attributes);
  const told = await until(() => runner.view.explain(derivationPath(derivation)));
  assert.match(JSON.stringify(told), /ca-derivations/);
});
