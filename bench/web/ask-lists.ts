import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../packages/iolaus/src/simulator/random.ts';

export type Asked = { readonly path: string; readonly milliseconds: number };

const requestsPerSecond = 100;

/**
 * Asks for lists of API v2 as people and programs do, so many a second whether the ones before are answered or not: what
 * waits in a queue of the server's counts too. In the same order at every time.
 */
export async function askLists(url: string, builds: number, seconds: number): Promise<Asked[]> {
  const agent = new Agent({ keepAlive: true });
  const random = seededRandom(8);
  const count = seconds * requestsPerSecond;
  const began = performance.now();
  const answers: Promise<Asked>[] = [];
  for (let number = 0; number < count; number += 1) {
    const due = began + (number * 1_000) / requestsPerSecond;
    await sleep(Math.max(0, due - performance.now()));
    const list = lists[number % lists.length] ?? lists[0];
    answers.push(ask(agent, url, list?.((most) => 1 + random.below(most), builds) ?? '/'));
  }
  const asked = await Promise.all(answers);
  agent.destroy();
  return asked;
}

type Path = (below: (most: number) => number, builds: number) => string;

const cursor = (...place: readonly number[]): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

const lists: readonly Path[] = [
  () => '/builds',
  (below, builds) => `/builds?cursor=${cursor(below(builds))}`,
  () => '/builds?status=failed&limit=100',
  (below, builds) => `/builds?status=succeeded&cursor=${cursor(below(builds))}`,
  () => '/builds?status=queued',
  () => '/builds?status=running',
  (below) => `/builds?project=project1&jobset=jobset${1 + 5 * (below(4) - 1)}`,
  () => '/builds?project=project0&jobset=jobset20&status=failed',
  (below) => `/builds?search=package-${below(2_000)}`,
  (below, builds) => `/builds/${below(builds)}`,
  (below, builds) => `/builds/${below(builds)}/steps`,
  () => '/evaluations',
  () => '/evaluations?project=project0&jobset=jobset5',
  (below, builds) => `/evaluations/${below(builds / 1_000)}/builds`,
  (below, builds) =>
    `/evaluations/${below(builds / 1_000)}/comparison/builds?difference=newly-failing`,
  () => '/projects',
  () => '/jobsets',
  () => '/projects/project1/jobsets/jobset1/jobs?search=package-1',
  () => '/steps/running',
  () => '/steps/finished',
  () => `/attempts?since=${new Date(1_757_000_000_000).toISOString()}&limit=200`,
  () => '/queues',
  (below, builds) => `/builds/${below(builds)}/first-bad`,
];

async function ask(agent: Agent, url: string, path: string): Promise<Asked> {
  const began = performance.now();
  const asked = request(new URL(`/api/v2${path}`, url), { agent });
  asked.end();
  const [response] = await once(asked, 'response');
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200 && response.statusCode !== 404) {
    throw new Error(`${path}: ${response.statusCode}`);
  }
  return { path, milliseconds: performance.now() - began };
}
