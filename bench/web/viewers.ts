import { appendFile, mkdir } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
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
  for (let number = 0; number < logViewers; number += 1)
    resources.adopt(await follow(server.url, log, lag), (socket) => void socket.destroy());
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

/**
 * All viewers are one process here, which has to take 65 MB a second in: with a parser and a stream for each it is itself
 * what is late, and once it is, it stays so.
 */
async function follow(url: string, path: string, lag: { most: number }): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({
    host: hostname,
    port: Number(port),
    onread: {
      buffer: Buffer.alloc(64 * 1024),
      callback: (length, buffer) => {
        noteLag(Buffer.from(buffer.buffer, buffer.byteOffset, length), lag);
        return true;
      },
    },
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
  return socket;
}

const at = 0x40;

/** Of the last line whose time is whole in these bytes. */
function noteLag(bytes: Buffer, lag: { most: number }): void {
  let end = bytes.lastIndexOf(at);
  while (end >= 14 && bytes[end - 14] !== at) end = bytes.lastIndexOf(at, end - 1);
  if (end < 14) return;
  const written = Number(bytes.toString('latin1', end - 13, end));
  lag.most = Math.max(lag.most, Date.now() - written);
}
