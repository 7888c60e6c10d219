import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../packages/iolaus/src/database/connection/connection.ts';
import type { Database } from '../packages/iolaus/src/database/connection/connection.ts';
import { startEmbeddedDatabase } from '../packages/iolaus/src/database/postgres/embedded.ts';
import { makeOwnIndexes } from '../packages/iolaus/src/database/schema/own-indexes.ts';
import { prepareOwnSchema } from '../packages/iolaus/src/database/schema/own-schema.ts';
import { prepareDatabase } from '../packages/iolaus/src/database/schema/prepare.ts';
import { askLists } from './web/ask-lists.ts';
import type { Asked } from './web/ask-lists.ts';
import { measureViewers } from './web/viewers.ts';
import { measurePage, pageExplanation } from './web/measure-page.ts';
import { fillDatabase } from './web/fill.ts';
import type { BenchReport } from './report.ts';

const stepsPerBuild = 10;
const warmUpSeconds = 5;
const askedSeconds = 20;

/** `limit`: how many thousand times two builds; 500 are the million that is asked for. */
export async function measureWeb({ limit }: { readonly limit: number }): Promise<BenchReport> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.adopt(await mkdtemp(join(tmpdir(), 'web-')), (path) =>
    rm(path, { recursive: true }),
  );
  await chmod(folder, 0o755);
  const builds = limit * 2_000;
  const url = await openFilled(resources, folder, builds);
  const program = resources.adopt(startServerProgram(url, folder), (child) => {
    child.kill();
  });
  const [server] = await once(program, 'message');
  await askLists(String(server), builds, warmUpSeconds);
  const asked = await askLists(String(server), builds, askedSeconds);
  const database = await openSome(resources, url, 2);
  const seen = { url: String(server), process: program.pid ?? 0, logDirectory: folder };
  const viewers = await measureViewers(seen, database);
  const page = await measurePage();
  return {
    bench: 'web',
    figures: {
      apiP99Ms: quantile(asked, 0.99),
      apiP50Ms: quantile(asked, 0.5),
      ...viewers,
      ...page,
    },
    explanation: `A database with ${builds} builds and ${builds * stepsPerBuild} steps; 100 questions a second for ${askedSeconds} s.

apiP99Ms, apiP50Ms: until the answer was there, of 99 and of 50 in 100
viewersCpuPercent, viewersRssMb, viewersLagMs: of the server, with 1,000 viewers of what changes and 500 of one log at 2,000 lines/s

${pageExplanation}

The slowest lists, and half of their answers took less than (ms):
${slowest(asked)}`,
  };
}

async function openFilled(
  resources: AsyncDisposableStack,
  folder: string,
  builds: number,
): Promise<string> {
  const { url } = resources.use(
    await startEmbeddedDatabase({
      directory: join(folder, 'data'),
      socketDirectory: join(folder, 's'),
      durable: false,
    }),
  );
  await using filling = new AsyncDisposableStack();
  // One connection: what is dropped is remembered in a table of its own.
  const database = await openSome(filling, url, 1);
  await prepareDatabase(database);
  await prepareOwnSchema(database);
  await fillDatabase(database, { builds, stepsPerBuild });
  await makeOwnIndexes(database);
  return url;
}

const openSome = async (
  resources: AsyncDisposableStack,
  url: string,
  maxConnections: number,
): Promise<Database> =>
  resources.adopt(await openDatabase({ url, maxConnections, applicationName: 'bench' }), (opened) =>
    opened.close(),
  );

const startServerProgram = (databaseUrl: string, folder: string): ChildProcess =>
  fork(new URL('web/server-program.ts', import.meta.url), [databaseUrl, folder]);

function quantile(asked: readonly Asked[], share: number): number {
  const sorted = asked.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

function slowest(asked: readonly Asked[]): string {
  const byList = Map.groupBy(asked, ({ path }) => path.replaceAll(/\d+|cursor=\w+/g, 'N'));
  return [...byList]
    .map(([list, times]) => ({ list, median: quantile(times, 0.5) }))
    .toSorted((one, other) => other.median - one.median)
    .slice(0, 8)
    .map(({ list, median }) => `  ${median.toFixed(1).padStart(8)}  ${list}`)
    .join('\n');
}
