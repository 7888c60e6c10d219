import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';
import { madeUpGraph, seededRandom } from '../../testing/made-up-graph.ts';
import {
  builderFaults,
  choose,
  connectionFaults,
  runnerFaults,
} from '../../testing/storm/faults.ts';
import type { Fault } from '../../testing/storm/faults.ts';
import { findLosses, nothingLost } from '../../testing/storm/losses.ts';
import { openStormFarm } from '../../testing/storm/storm-farm.ts';

const nodes = 30;
const secondsMax = 5;
const faultsMax = 8;
// A step or two end in between.
const pauseMillisecondsMax = 5_000;
const compressionMillisecondsMax = 5_000;

const storms: readonly (readonly [string, Readonly<Record<string, Fault>>])[] = [
  ['runners come and go', runnerFaults],
  ['connections break', connectionFaults],
  ['builders come and go', builderFaults],
  ['everything goes wrong', { ...runnerFaults, ...connectionFaults, ...builderFaults }],
];

for (const [what, faults] of storms)
  test(`${what}: everything is built, nothing twice at once, and nothing is left`, async (context) => {
    const seed = Number(process.env['IOLAUS_SEED'] ?? randomInt(2 ** 32));
    context.diagnostic(`seed ${seed}`);
    const random = seededRandom(seed);
    await using storm = await openStormFarm();
    const { farm } = storm;
    const traces = join(farm.folder, 'traces');
    await mkdir(traces);
    const graph = madeUpGraph(nodes, traces, random, { secondsMax, failingNode: nodes - 5 });
    await farm.queueAll(graph.expression);
    for (let time = 0; time < faultsMax && !(await isOver(farm)); time += 1) {
      await sleep(random() * pauseMillisecondsMax);
      const name = choose(Object.keys(faults), random);
      context.diagnostic(name);
      await faults[name]?.(storm, random);
    }
    await until(() => isOver(farm));
    const mayRunAgain = 'a builder is killed' in faults;
    const look = () => findLosses(farm, graph, { traces, mayRunAgain });
    // Nobody waits for logs to be compressed.
    const deadline = Date.now() + compressionMillisecondsMax;
    let losses = await look();
    while (losses.withoutLog.length > 0 && Date.now() < deadline) losses = await look();
    assert.deepEqual(losses, nothingLost);
  });

/** A database that is being restarted has nothing to say. */
const isOver = ({ database }: LiveFarm): Promise<boolean> =>
  database
    .query(
      `select 1 from builds where finished = 0
       union all select 1 from iolaus.grants union all select 1 from buildsteps where busy <> 0 limit 1`,
    )
    .then(
      (rows) => rows.length === 0,
      () => false,
    );
