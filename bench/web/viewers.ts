import { appendFile, mkdir } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../packages/iolaus/src/database/connection/connection.ts';
import { attemptLogPath, logFilePath } from '../../packages/iolaus/src/server/logs/log-file.ts';
import { measureTree } from '../process-use.ts';

const pageViewers = 1_000;
const logViewers = 500;
const linesPerSecond = 2_000;
const changesPerSecond = 20;
const writesPerSecond = 20;
const measuredSeconds = 15;

export type ViewersFigures = {
  /** Of one core. */
  readonly viewersCpuPercent: number;
  readonly viewersRssMb: number;
  /** Between the writing of a line and its arrival, the longest of all that was seen. */
  readonly viewersLagMs: number;
};

type Server = { readonly url: string; readonly process: number; readonly logDirectory: string };

/** Many follow what changes, many of them one log, while a farm is at work. */
export async function measureViewers(server: Server, database: Database): Promise<ViewersFigures> {
  await using resources = new AsyncDisposableStack();
  const agent = resources.adopt(new Agent({ keepAlive: true, maxSockets: Infinity }), (opened) => {
    opened.destroy();
  });
  const { build, step, path } = await findRunning(database, server.logDirectory);
  const stopping = new AbortController();
  const working = Promise.all([
    writeLines(path, stopping.signal),
    changeBuilds(database, stopping.signal),
  ]);
  const lag = { most: 0 };
  const pages = `/api/v2/events?topics=builds,steps,builders,queues`;
  const log = `/api/v2/builds/${build}/steps/${step}/log/live`;
  for (let number = 0; number < pageViewers; number += 1)
    (await open(agent, server.url, pages)).resume();
  for (let number = 0; number < logViewers; number += 1) {
    (await open(agent, server.url, log)).on('data', (bytes: Buffer) => noteLag(bytes, lag));
  }
  await sleep(3_000);
  lag.most = 0;
  const before = measureTree(server.process);
  await sleep(measuredSeconds * 1_000);
  const after = measureTree(server.process);
  const viewersLagMs = lag.most;
  stopping.abort();
  await working;
  return {
    viewersCpuPercent: ((after.cpuSeconds - before.cpuSeconds) / measuredSeconds) * 100,
    viewersRssMb: after.memoryMb,
    viewersLagMs,
  };
}

async function findRunning(
  database: Database,
  logDirectory: string,
): Promise<{ build: number; step: number; path: string }> {
  const [row] = await database.query<{ build: number; step: number; derivation: string }>(
    `select s.build, s.stepnr as "step", s.drvpath as "derivation" from buildsteps s
     join builds b on b.id = s.build join jobsets j on j.id = b.jobset_id join projects p on p.name = j.project
     where s.busy != 0 and p.hidden = 0 order by s.build limit 1`,
  );
  const shared = row === undefined ? undefined : logFilePath(logDirectory, row.derivation);
  if (row === undefined || shared === undefined) throw new Error('nothing runs');
  const path = attemptLogPath(shared, row.build, row.step);
  await mkdir(dirname(path), { recursive: true });
  return { ...row, path: join(path) };
}

/** Each line tells when it was written. */
async function writeLines(path: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const line = `compiling something/with/a/long/path/to/a/file.cc at @${Date.now()}@\n`;
    await appendFile(path, line.repeat(linesPerSecond / writesPerSecond));
    await sleep(1_000 / writesPerSecond);
  }
}

async function changeBuilds(database: Database, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await database.query(
      `update builds set globalpriority = globalpriority + 1 where id = any(array(
         select id from builds where finished = 0 order by id limit ${changesPerSecond}))`,
    );
    await sleep(1_000);
  }
}

async function open(agent: Agent, url: string, path: string): Promise<IncomingMessage> {
  const asked = request(new URL(path, url), { agent });
  asked.end();
  asked.on('error', () => {});
  const [response] = await once(asked, 'response');
  response.on('error', () => {});
  return response;
}

/** Of the last line that is whole in these bytes. */
function noteLag(bytes: Buffer, lag: { most: number }): void {
  const end = bytes.subarray(-400).toString('latin1');
  const written = [...end.matchAll(/@(\d{13})@/g)].at(-1)?.[1];
  if (written !== undefined) lag.most = Math.max(lag.most, Date.now() - Number(written));
}
