import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import type { MadeUpGraph } from '../made-up-graph.ts';
import type { LiveFarm } from '../live-farm.ts';

/** What a farm must not have to show when all is over: names of jobs, and rows that tell of somebody at work. */
export type Losses = {
  readonly endedOtherwise: readonly string[];
  readonly ranTwiceAtOnce: readonly string[];
  /** More often than once, or than the attempts that were cut off explain. */
  readonly ranAgain: readonly string[];
  readonly withoutLog: readonly string[];
  readonly left: readonly object[];
};

export const nothingLost: Losses = {
  endedOtherwise: [],
  ranTwiceAtOnce: [],
  ranAgain: [],
  withoutLog: [],
  left: [],
};

type Attempt = {
  readonly name: string;
  readonly log: string;
  readonly status: number;
};

/** @param mayRunAgain what was cut off may have run before: builders were lost */
export async function findLosses(
  farm: LiveFarm,
  graph: MadeUpGraph,
  { traces, mayRunAgain }: { readonly traces: string; readonly mayRunAgain: boolean },
): Promise<Losses> {
  const { database } = farm;
  const builds = await database.query<{ job: string; status: number | null }>(
    'select job, buildstatus as status from builds order by id',
  );
  const attempts = await readAttempts(farm);
  const jobs = Object.keys(graph.statuses);
  const runs = await Promise.all(jobs.map((job) => readRuns(join(traces, job))));
  const cutOff = (job: string): number =>
    attempts.filter(({ name, status }) => name === job && status !== 0 && status !== 1).length;
  const logs = await readLogs(farm.folder);
  const isJudged = ({ status }: Attempt): boolean => status === 0 || status === 1;
  return {
    endedOtherwise: builds.flatMap(({ job, status }) =>
      status === graph.statuses[job] ? [] : [job],
    ),
    ranTwiceAtOnce: jobs.filter((_job, index) => runs[index]?.includes('overlap')),
    ranAgain: jobs.filter((job, index) => {
      const starts = runs[index]?.filter((line) => line === 'start').length ?? 0;
      return starts > 1 + (mayRunAgain ? cutOff(job) : 0);
    }),
    withoutLog: attempts
      .filter((attempt) => isJudged(attempt) && logs.get(attempt.log) !== 'said\n')
      .map(({ name }) => name),
    left: [
      ...(await database.query('select * from buildsteps where busy <> 0')),
      ...(await database.query('select * from iolaus.grants')),
    ],
  };
}

/** Those that had a machine. */
const readAttempts = ({ database }: LiveFarm): Promise<Attempt[]> =>
  database.query<Attempt>(
    `select regexp_replace(drvpath, '^.*-(n\\d+)\\.drv$', '\\1') as name, status,
       regexp_replace(drvpath, '^.*/..', '') || '.' || build || '-' || stepnr || '.zst' as log
     from buildsteps where type = 0 and propagatedfrom is null order by build, stepnr`,
  );

const readRuns = async (file: string): Promise<readonly string[]> =>
  (await readFile(file, 'utf8').catch(() => '')).trim().split('\n');

/** By the names of their files. A log may have been begun at one runner: what the last one wrote counts, which is longer. */
async function readLogs(folder: string): Promise<ReadonlyMap<string, string>> {
  const logs = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.zst')) continue;
    const text = zstdDecompressSync(await readFile(join(entry.parentPath, entry.name))).toString();
    if (text.length >= (logs.get(entry.name)?.length ?? 0)) logs.set(entry.name, text);
  }
  return logs;
}
