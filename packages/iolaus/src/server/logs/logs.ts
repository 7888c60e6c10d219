import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { LRUCache } from 'lru-cache';
import type { Database } from '../../database/connection/connection.ts';
import { notFound } from '../http/api-error.ts';
import type { ApiError } from '../http/api-error.ts';
import type { RequestContext } from '../http/context.ts';
import { encodeEvent, heartbeat, openEventStream } from '../http/event-stream.ts';
import type { EventStream } from '../http/event-stream.ts';
import { logHeaders } from '../http/headers.ts';
import type { Listeners } from '../http/listeners.ts';
import { attemptLogPath, logFilePath, openGrowingLog, openLog } from './log-file.ts';
import type { LogText } from './growing-log.ts';
import { tailLog } from './log-tail.ts';
import type { LogPiece } from './log-tail.ts';
import { readNumber } from '../http/parameters.ts';
import { sendFile } from '../http/send-file.ts';
import type { StepEnds } from './step-ends.ts';
import { watchStep } from './step-watch.ts';
import type { LogHandle } from './unpacked-logs.ts';
import { findStep } from '../find-step.ts';

export type LogSources = {
  readonly database: Database;
  readonly stepEnds: StepEnds;
  readonly listeners: Listeners;
  readonly logDirectory: string;
};

export type StepAddress = { readonly build: number; readonly number: number };

/** The whole log of a step as it is now. */
export async function answerLog(
  context: RequestContext,
  sources: LogSources,
  address: StepAddress,
): Promise<Response> {
  const { file } = await openStepLog(sources, address);
  if (file === undefined) throw sayNoLog(address);
  const { size } = await file.stat();
  return sendFile(context, {
    file,
    size,
    compress: true,
    headers: logHeaders,
  });
}

/** The log of a step, and whether the step has ended. Undefined: it has not begun. Throws `ApiError` where there is none. */
export async function openStepLog(
  sources: Pick<LogSources, 'database' | 'logDirectory'>,
  address: StepAddress,
): Promise<{ readonly file: LogHandle | undefined; readonly isOver: boolean }> {
  const { derivation, busy } = await findStep(sources.database, address.build, address.number);
  const path = logFilePath(sources.logDirectory, derivation);
  const file = path === undefined ? undefined : await openAttemptLog(path, address, openLog);
  if (file !== undefined || busy !== 0) return { file, isOver: busy === 0 };
  throw sayNoLog(address);
}

export const sayNoLog = ({ build, number }: StepAddress): ApiError =>
  notFound(`Step ${number} of build ${build} has left no log.`);

/** The attempt's own log; one that Hydra wrote is kept for the derivation only, and `openOther` looks whether it will do. */
async function openAttemptLog(
  path: string,
  { build, number }: StepAddress,
  openOther: typeof openLog,
): Promise<LogHandle | undefined> {
  return (await openLog(attemptLogPath(path, build, number))) ?? (await openOther(path));
}

/** The log of a step as it grows. */
export async function answerLiveLog(
  context: RequestContext,
  sources: LogSources,
  address: StepAddress,
): Promise<Response> {
  const { database, stepEnds, listeners } = sources;
  const offset = readOffset(context);
  const step = await findStep(database, address.build, address.number);
  const path = logFilePath(sources.logDirectory, step.derivation);
  if (path === undefined)
    throw notFound(`Step ${address.number} of build ${address.build} can have no log.`);
  listeners.expectOneMore();
  const stream = openEventStream(context.env);
  listeners.add(stream);
  const { hasEnded } = watchStep(
    database,
    stepEnds,
    { ...address, busy: step.busy !== 0 },
    stream.gone,
  );
  // What is finished is an earlier attempt's.
  const open = (): Promise<LogHandle | undefined> =>
    openAttemptLog(path, address, hasEnded() ? openLog : openGrowingLog);
  await sendPieces(stream, tailLog({ open, offset, hasEnded, signal: stream.gone }));
  return RESPONSE_ALREADY_SENT;
}

/** How far whoever comes back had got: what the browser says by itself counts more than the address. */
function readOffset(context: RequestContext): number {
  const query = context.req.query();
  const lastId = context.req.header('last-event-id');
  const offset = lastId === undefined || lastId === '' ? query : { offset: lastId };
  return readNumber(offset, 'offset', { least: 0, most: Number.MAX_SAFE_INTEGER }) ?? 0;
}

/** One piece is read when the one before it has been taken. */
async function sendPieces(stream: EventStream, pieces: AsyncIterable<LogPiece>): Promise<void> {
  try {
    for await (const piece of pieces) {
      stream.send(encodePiece(piece));
      await stream.drained();
    }
    stream.end();
  } catch (error) {
    if (stream.gone.aborted) return;
    stream.drop();
    throw error;
  }
}

/** Many follow the same log, and are told the same pieces: a few of them, since each has 64 KiB. */
const encodedTexts = new LRUCache<LogText, Uint8Array>({ max: 16 });

function encodeText(piece: LogText): Uint8Array {
  const encoded = encodedTexts.get(piece) ?? encodeEvent('text', piece.text, piece.offset);
  encodedTexts.set(piece, encoded);
  return encoded;
}

function encodePiece(piece: LogPiece): Uint8Array {
  if (piece.type === 'text') return encodeText(piece);
  if (piece.type === 'reset') return encodeEvent('reset', null, 0);
  return piece.type === 'quiet' ? heartbeat : encodeEvent('end', null);
}
