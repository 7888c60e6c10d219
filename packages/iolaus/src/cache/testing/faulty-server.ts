import { createServer } from 'node:http';
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenLocally } from './listen-locally.ts';

/** What goes wrong with a request. */
export type InjectedFault =
  /** The connection is reset before anything has happened. */
  | 'reset'
  /** Half of what is sent is heard, and the connection reset. */
  | 'broken-off'
  /** Half of what is sent is handed on as if it were all. */
  | 'truncated'
  /** What was asked for is done, and the connection reset instead of an answer. */
  | 'answer-lost'
  /** Nothing is ever said. */
  | 'silence'
  | 'internal-error'
  | 'slow-down'
  /** A good status, and an error in the body; nothing was done. S3 does so to PUT and POST. */
  | 'error-in-body'
  /** The body of the answer breaks off in the middle. */
  | 'cut'
  /** The server does not know how. */
  | 'not-implemented'
  | 'wrong-etag';

/** A request as it comes; `number` counts from 1 since it was last said what goes wrong. */
export type SeenRequest = {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly number: number;
};

export type Answer = {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
};

/** What a server would say if nothing went wrong. */
export type Answerer = (
  request: IncomingMessage,
  seen: SeenRequest,
  body: Buffer,
) => Answer | Promise<Answer>;

type ChosenFault = InjectedFault | null;

export interface FaultyServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly requests: readonly SeenRequest[];
  /** How often each key was written, in one piece or put together. */
  readonly writes: ReadonlyMap<string, number>;
  /** Asked about each request, which waits for the answer. */
  inject(choose: (request: SeenRequest) => ChosenFault | Promise<ChosenFault>): void;
}

/** Stands before an S3 server with path-style addresses, counts what comes, and breaks its answers as it is told. */
export async function serveWithFaults(
  answerer: Answerer,
  { latencyMilliseconds = 0 } = {},
): Promise<FaultyServer> {
  const requests: SeenRequest[] = [];
  const writes = new Map<string, number>();
  let choose: Parameters<FaultyServer['inject']>[0] = () => null;
  let before = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const seen = readRequest(request, requests.length + 1 - before);
    requests.push(seen);
    const fault = await choose(seen);
    const { socket } = request;
    if (fault === 'broken-off') await readHalf(request);
    if (fault === 'reset' || fault === 'broken-off') return void socket.resetAndDestroy();
    const body = await readAll(request);
    if (latencyMilliseconds > 0) await sleep(latencyMilliseconds);
    if (fault === 'silence') return;
    const instead = answerInstead(fault, seen);
    const heard = fault === 'truncated' ? body.subarray(0, body.length / 2) : body;
    const answered = instead ?? (await answerer(request, seen, heard));
    if (instead === null && isWrite(seen, answered))
      writes.set(seen.key, (writes.get(seen.key) ?? 0) + 1);
    if (fault === 'answer-lost') return void socket.resetAndDestroy();
    const etag = fault === 'wrong-etag' ? { etag: '"00000000000000000000000000000000"' } : {};
    response.writeHead(answered.status, { ...answered.headers, ...etag });
    if (fault !== 'cut')
      return void response.end(request.method === 'HEAD' ? undefined : answered.body);
    response.write(answered.body.subarray(0, answered.body.length / 2), () => response.destroy());
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  const listening = await listenLocally(server);
  const inject: FaultyServer['inject'] = (chosen) => {
    choose = chosen;
    before = requests.length;
  };
  return { ...listening, requests, writes, inject };
}

function readRequest(request: IncomingMessage, number: number): SeenRequest {
  const url = urlOf(request);
  const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
  const { method = '', headers } = request;
  return { method, key, query: url.searchParams, headers, number };
}

export const urlOf = ({ url = '/', headers }: IncomingMessage): URL =>
  new URL(url, `http://${headers.host ?? ''}`);

/** What S3 says of an error. */
export function failure(status: number, code: string): Answer {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>The test says ${code}</Message></Error>`;
  return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(text) };
}

function answerInstead(fault: InjectedFault | null, { method }: SeenRequest): Answer | null {
  if (fault === 'internal-error') return failure(500, 'InternalError');
  if (fault === 'slow-down') return failure(503, 'SlowDown');
  if (fault === 'not-implemented') return failure(501, 'NotImplemented');
  const mayChangeItsMind = fault === 'error-in-body' && method.startsWith('P');
  return mayChangeItsMind ? failure(200, 'InternalError') : null;
}

/** Whether an object appeared by it. */
function isWrite({ method, query }: SeenRequest, { status }: Answer): boolean {
  const isWhole = method === (query.has('uploadId') ? 'POST' : 'PUT');
  return isWhole && status === 200;
}

async function readHalf(request: IncomingMessage): Promise<void> {
  const half = Number(request.headers['content-length'] ?? 0) / 2;
  const chunks = request.iterator({ destroyOnReturn: false });
  for (let heard = 0; heard < half;) {
    const next: IteratorResult<Buffer> = await chunks.next();
    if (next.done === true) return;
    heard += next.value.length;
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
