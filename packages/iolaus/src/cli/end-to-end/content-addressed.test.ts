import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLiveFarm } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';
import { executions, markedJobs } from '../../testing/marked-jobs.ts';

/** Hydra's statuses of builds and of steps. */
const succeeded = 0;
const failed = 1;
const dependencyFailed = 2;
const failedWithOutput = 6;
const timedOut = 7;
const resolved = 13;

type Row = {
  readonly name: string;
  readonly status: number;
  readonly into: string | null;
  readonly path: string | null;
};

/** All rows of steps, by the names of their derivations. */
const rows = ({ database }: LiveFarm): Promise<Row[]> =>
  database.query<Row>(`
    select regexp_replace(s.drvpath, '^.*/[a-z0-9]{32}-(.*)\\.drv$', '\\1') as name, s.status,
      s.resolveddrvpath as into, o.path
    from buildsteps s join buildstepoutputs o on o.build = s.build and o.stepnr = s.stepnr
    where o.name = 'out' order by s.build, s.stepnr`);

const isCached = async ({ database }: LiveFarm, build: number): Promise<boolean> => {
  const [row] = await database.query<{ cached: number }>(
    'select iscachedbuild as cached from builds where id = $1',
    [build],
  );
  return row?.cached === 1;
};

test('what resolves to the same is built once, also after a restart, with rows as Hydra has them', async () => {
  await using farm = await openLiveFarm();
  const all = async (set: string): Promise<number[]> => {
    const queued = Object.values(await farm.queueAll(markedJobs(farm, `{ ${set} }`)));
    for (const { build } of queued) assert.equal(await farm.statusOf(build), succeeded);
    return queued.map(({ build }) => build);
  };
  {
    await using runner = await farm.startRunner();
    await using _builder = await farm.startBuilder(runner.endpoint);
    await all(`
      one = make "down" "cat \${upstream "1"} > $out" floating;
      two = make "down" "cat \${upstream "2"} > $out" floating;
      addressed = make "addressed" "cat \${upstream "1"} > $out" { };`);
  }
  const first = await rows(farm);
  const ends = first.map(({ name, status }) => `${name} ${status}`).toSorted();
  assert.deepEqual(ends, [
    'addressed 0',
    'addressed 13',
    'down 0',
    'down 13',
    'down 13',
    'upstream 0',
    'upstream 0',
  ]);
  for (const { status, into, path } of first) {
    assert.equal(status === resolved, into !== null && path === null);
  }
  const downs = first.filter(({ name, into }) => name === 'down' && into !== null);
  assert.equal(new Set(downs.map(({ into }) => into)).size, 1);

  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const [build = 0] = await all('three = make "down" "cat ${upstream "3"} > $out" floating;');
  assert.equal(await isCached(farm, build), true);
  assert.equal(await executions(farm, 'upstream'), 3);
  assert.equal(await executions(farm, 'down'), 1);
});

test('a content-addressed build fails as itself, and what needs it for its sake', async () => {
  await using farm = await openLiveFarm();
  const queued = await farm.queueAll(
    markedJobs(
      farm,
      `let broken = make "broken" "cat \${upstream "1"}; exit 1" floating; in {
      inherit broken;
      above = make "above" "cat \${broken} > $out" floating;
      marked = make "marked" "mkdir -p $out/nix-support; cat \${upstream "1"} > $out/nix-support/failed" floating;
      slow = make "slow" "cat \${upstream "1"}; sleep 1000" floating;
      }`,
    ),
  );
  const build = (name: string): number => queued[name]?.build ?? 0;
  await farm.database.query('update builds set timeout = 1 where id = $1', [build('slow')]);
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  assert.equal(await farm.statusOf(build('broken')), failed);
  assert.equal(await farm.statusOf(build('above')), dependencyFailed);
  assert.equal(await farm.statusOf(build('marked')), failedWithOutput);
  assert.equal(await farm.statusOf(build('slow')), timedOut);
});
