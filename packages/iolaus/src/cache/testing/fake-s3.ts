import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerError, FakeBucket } from './fake-bucket.ts';
import { checkSignature } from './check-signature.ts';
import { listenLocally } from './listen-locally.ts';

/** What goes wrong with a request. */
export type InjectedFault =
  /** The connection is reset before anything has happened. */
  | 'reset'
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
  | 'wrong-etag';

/** A request as it comes; `number` counts all of them from 1. */
export type SeenRequest = {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly number: number;
};

export interface FakeS3 extends AsyncDisposable {
  readonly endpoint: string;
  readonly bucket: FakeBucket;
  readonly requests: readonly SeenRequest[];
  /** Asked about each request. */
  inject(choose: (request: SeenRequest) => InjectedFault | null): void;
  /** Against the clock of this process. */
  setClock(skewMilliseconds: number): void;
}

/** An S3 server with one bucket in memory, that keeps S3's rules strictly, and breaks them as it is told. */
export async function startFakeS3({ latencyMilliseconds = 0 } = {}): Promise<FakeS3> {
  const bucket = new FakeBucket();
  const requests: SeenRequest[] = [];
  let choose: Parameters<FakeS3['inject']>[0] = () => null;
  let skew = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? ''}`);
    const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
    const seen = {
      ...{ method: request.method ?? '', key, query: url.searchParams },
      number: requests.length + 1,
    };
    requests.push(seen);
    const fault = choose(seen);
    if (fault === 'reset') return void request.socket.resetAndDestroy();
    const body = await readAll(request);
    if (latencyMilliseconds > 0) await sleep(latencyMilliseconds);
    if (fault === 'silence') return;
    response.setHeader('date', new Date(Date.now() + skew).toUTCString());
    const refused = failureOf(fault) ?? checkSignature(request, url, body, Date.now() + skew);
    if (refused !== null) return answerError(response, request.method, ...refused);
    if (fault === 'error-in-body' && seen.method.startsWith('P'))
      return answerError(response, request.method, 200, 'InternalError');
    const answered = bucket.answer(request, seen, body);
    if (fault === 'answer-lost') return void request.socket.resetAndDestroy();
    if (fault === 'wrong-etag') answered.headers['etag'] = '"00000000000000000000000000000000"';
    response.writeHead(answered.status, answered.headers);
    if (fault !== 'cut')
      return void response.end(request.method === 'HEAD' ? undefined : answered.body);
    response.write(answered.body.subarray(0, answered.body.length / 2), () => response.destroy());
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  const listening = await listenLocally(server);
  return {
    ...listening,
    bucket,
    requests,
    inject: (chosen) => void (choose = chosen),
    setClock: (milliseconds) => void (skew = milliseconds),
  };
}

function failureOf(fault: InjectedFault | null): [number, string] | null {
  if (fault === 'internal-error') return [500, 'InternalError'];
  return fault === 'slow-down' ? [503, 'SlowDown'] : null;
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
