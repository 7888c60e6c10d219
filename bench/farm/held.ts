import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { FarmEvent } from '../../packages/iolaus/src/farm/event.ts';
import { jobsetId } from '../../packages/iolaus/src/farm/identity.ts';
import type { GraphNode } from '../../packages/iolaus/src/simulator/replay/make-graph.ts';
import { makeGraph } from '../../packages/iolaus/src/simulator/replay/make-graph.ts';
import { readTrace } from '../../packages/iolaus/src/simulator/replay/read-trace.ts';
import { seededRandom } from '../../packages/iolaus/src/simulator/random.ts';
import { buildFacts, stepFacts } from './parsed-facts.ts';
import { Scene } from './scene.ts';

// A process of its own, so that nothing but the farm is in its memory: prints what it costs to hold a large queue.

const stepCount = 290_000;
const buildCount = 150_000;
/** As many as the runner takes in at a time. */
const buildsAtATime = 500;

const { values } = parseArgs({ options: { graph: { type: 'string' } } });
const scene = new Scene();
const attachSeconds = await attach();
const changeMs = measureChanges();
setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');
// As thorough as when memory runs out.
if (typeof collect === 'function') collect({ execution: 'sync', flavor: 'last-resort' });
const heldRssMb = process.memoryUsage().rss / 2 ** 20;
const { steps: heldSteps, builds: heldBuilds } = scene.farm.view.counts();
const figures = { heldRssMb, attachSeconds, changeMs, heldSteps, heldBuilds };
for (const [name, value] of Object.entries(figures)) console.log(`${name} ${value}`);

async function attach(): Promise<number> {
  const graph =
    values.graph === undefined
      ? makeGraph(stepCount, seededRandom(1))
      : (await readTrace(values.graph)).nodes;
  const wanted = [...chooseBuilds(graph)];
  const told = new Uint8Array(graph.length);
  let spent = 0;
  for (let start = 0; start < wanted.length; start += buildsAtATime) {
    const asked = wanted.slice(start, start + buildsAtATime);
    const steps = untold(graph, asked, told).map((place) => stepFacts(graph, place));
    const facts = asked.map((place) => buildFacts(graph, place, place + 1));
    const began = performance.now();
    scene.apply({ type: 'builds-queued', builds: facts, steps });
    spent += performance.now() - began;
  }
  return spent / 1_000;
}

/** What the builds need and nobody has told of yet. */
function untold(
  graph: readonly GraphNode[],
  builds: readonly number[],
  told: Uint8Array,
): number[] {
  const reached = [...builds];
  const found: number[] = [];
  for (let next = reached.pop(); next !== undefined; next = reached.pop()) {
    if (told[next] === 1) continue;
    told[next] = 1;
    found.push(next);
    reached.push(...(graph[next]?.inputs ?? []));
  }
  return found;
}

/** All that nothing else needs, so that every step is needed, and others up to the number. */
function chooseBuilds(graph: readonly GraphNode[]): Set<number> {
  const needed = new Set(graph.flatMap(({ inputs }) => inputs));
  const wanted = new Set([...graph.keys()].filter((place) => !needed.has(place)));
  for (let place = graph.length - 1; place >= 0 && wanted.size < buildCount; place -= 1) {
    wanted.add(place);
  }
  return wanted;
}

/** The slowest of each kind of change: shares, a priority, a bump and its taking back. */
function measureChanges(): number {
  const builds = [...scene.farm.view.unfinishedBuilds()].map(({ id }) => id);
  let worst = 0;
  const time = (event: FarmEvent): void => {
    const began = performance.now();
    scene.apply(event);
    worst = Math.max(worst, performance.now() - began);
  };
  for (const shares of [1, 1_000]) {
    time({ type: 'jobset-seen', jobset: jobsetId(1), shares, usedSeconds: 0 });
  }
  for (let round = 0; round < 20; round += 1) {
    const build = builds[Math.floor((round / 20) * builds.length)];
    if (build === undefined) continue;
    for (const globalPriority of [5, 0]) {
      time({ type: 'build-reprioritised', build, globalPriority });
    }
  }
  return worst;
}
