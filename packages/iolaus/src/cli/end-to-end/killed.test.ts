import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../database/connection/connection.ts';
import { openFarmDatabase } from '../../testing/farm-database.ts';
import { openFarmFolder } from '../../testing/farm-folder.ts';
import type { FarmFolder } from '../../testing/farm-folder.ts';
import { startIolaus } from '../../testing/iolaus-process.ts';
import type { IolausProcess } from '../../testing/iolaus-process.ts';
import { madeUpGraph, seededRandom } from '../../testing/made-up-graph.ts';
import type { MadeUpGraph, Random } from '../../testing/made-up-graph.ts';
import { kill, processesLeft, processesOf } from '../../testing/process-list.ts';

const nodes = 40;
const killsOfEach = 5;
// Between a part's start and its end: it has joined by then, or not yet.
const momentMillisecondsMax = 900;
const stopMillisecondsMax = 10_000;

test('runner and builder killed ten times: every build comes out right, and none is built twice at once', async (context) => {
  await using folder = await openFarmFolder();
  const { random, graph, file } = await setScene(folder, context.diagnostic.bind(context));

  await using farm = up(folder, file);
  await farm.told(/^Evaluating/m);
  const victims = shuffle(
    Array.from({ length: killsOfEach }, () => ['runner', 'builder'] as const).flat(),
    random,
  );
  const killed = new Set<number>();
  for (const part of victims) {
    const pid = await whenRunning(folder, part, killed);
    await sleep(random() * momentMillisecondsMax);
    kill(pid, 'SIGKILL');
    killed.add(pid);
  }
  assert.equal(killed.size, victims.length);
  await farm.told(/^All done/m);
  await interrupt(farm, folder);
  await checkOutcome(folder, graph);
});

test('a farm that is killed whole leaves nothing running, and goes on when it is started again', async (context) => {
  await using folder = await openFarmFolder();
  const { random, graph, file } = await setScene(folder, context.diagnostic.bind(context));

  for (let time = 0; time < 2; time += 1) {
    await using victim = up(folder, file);
    await victim.told(/^Evaluating/m);
    await sleep(random() * 4 * momentMillisecondsMax);
    victim.signal('SIGKILL');
    assert.equal((await victim.ended).signal, 'SIGKILL');
    assert.deepEqual(await processesLeft(folder.path, stopMillisecondsMax), []);
  }

  await using farm = up(folder, file);
  await farm.told(/^All done/m);
  await interrupt(farm, folder);
  await checkOutcome(folder, graph);
});

async function setScene(
  folder: FarmFolder,
  say: (line: string) => void,
): Promise<{ random: Random; graph: MadeUpGraph; file: string }> {
  const seed = randomInt(2 ** 32);
  say(`seed ${seed}`);
  const random = seededRandom(seed);
  await mkdir(tracesIn(folder));
  const graph = madeUpGraph(nodes, tracesIn(folder), random);
  return { random, graph, file: await folder.write('graph.nix', graph.expression) };
}

const tracesIn = (folder: FarmFolder): string => join(folder.path, 'traces');

const up = (folder: FarmFolder, file: string): IolausProcess =>
  startIolaus(['up', file, '--state-dir', folder.state, '--port', '0', '--slots', '3']);

function shuffle<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** The process of a part that has not been killed before. */
async function whenRunning(
  folder: FarmFolder,
  part: 'runner' | 'builder',
  killed: ReadonlySet<number>,
): Promise<number> {
  const deadline = Date.now() + restartMillisecondsMax;
  for (;;) {
    const found = (await processesOf(folder.path)).find(
      ({ pid, command }) => command.includes(`iolaus.js ${part} `) && !killed.has(pid),
    );
    if (found !== undefined) return found.pid;
    assert.ok(Date.now() < deadline, `the ${part} was not started again`);
    await sleep(pollMilliseconds);
  }
}

// Five ends in a row, each followed by twice the pause: 0.25 to 4 seconds.
const restartMillisecondsMax = 30_000;
const pollMilliseconds = 20;

async function interrupt(farm: IolausProcess, folder: FarmFolder): Promise<void> {
  const deadline = Date.now() + stopMillisecondsMax;
  farm.signal('SIGINT');
  const end = await farm.ended;
  assert.equal(end.status, 0, end.stderr);
  assert.deepEqual(await processesLeft(folder.path, deadline - Date.now()), []);
}

async function checkOutcome(folder: FarmFolder, graph: MadeUpGraph): Promise<void> {
  await using farm = await openFarmDatabase(folder.state);
  await checkBuilds(farm.database, graph);
  const attempts = await readAttempts(farm.database);
  checkLeases(attempts);
  checkTraces(folder, graph, attempts);
}

async function checkBuilds(database: Database, graph: MadeUpGraph): Promise<void> {
  const rows = await database.query<{ job: string; finished: number; status: number }>(
    'select job, finished, buildstatus as status from builds order by id',
  );
  assert.deepEqual(
    rows.filter(({ finished }) => finished !== 1),
    [],
  );
  assert.deepEqual(
    Object.fromEntries(rows.map(({ job, status }) => [job, status])),
    graph.statuses,
  );
  assert.equal(rows.length, nodes);
  assert.deepEqual(await database.query('select * from buildsteps where busy <> 0'), []);
}

type Attempt = {
  readonly node: string;
  readonly status: number;
  readonly startTime: number;
  readonly stopTime: number;
};

/** Those that were begun, in order. */
const readAttempts = (database: Database): Promise<Attempt[]> =>
  database.query<Attempt>(
    `select regexp_replace(drvpath, '^.*-(n\\d+)\\.drv$', '\\1') as node, status,
       starttime::int4 as "startTime", stoptime::int4 as "stopTime"
     from buildsteps where type = 0 and starttime is not null order by starttime, stoptime`,
  );

/** An attempt begins when the one before it is over, and at most one succeeds. */
function checkLeases(attempts: readonly Attempt[]): void {
  for (const [node, own] of Map.groupBy(attempts, (attempt) => attempt.node)) {
    assert.ok(own.filter(({ status }) => status === 0).length <= 1, `${node} succeeded twice`);
    for (const [index, next] of own.entries()) {
      const previous = own[index - 1];
      if (previous === undefined) continue;
      assert.ok(next.startTime >= previous.stopTime, `two leases on ${node} at once`);
    }
  }
}

/** What the builds themselves have seen. */
function checkTraces(folder: FarmFolder, graph: MadeUpGraph, attempts: readonly Attempt[]): void {
  for (const [node, status] of Object.entries(graph.statuses)) {
    const file = join(tracesIn(folder), node);
    const traces = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    const count = (word: string): number => traces.filter((trace) => trace === word).length;
    assert.equal(count('overlap'), 0, `${node} was built twice at once`);
    if (status === 2) assert.deepEqual(traces, [], `${node} has no chance`);
    else assert.ok(count('start') > 0, `${node} was never begun`);
    if (status !== 0) continue;
    // A run that is over may be cut off before its output is registered; then another is right.
    const interrupted = attempts.filter((attempt) => attempt.node === node && attempt.status !== 0);
    assert.ok(
      count('end') >= 1 && count('end') <= 1 + interrupted.length,
      `${node}: ${traces.join(', ')}`,
    );
  }
}
