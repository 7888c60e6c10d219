import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import { boundAddress, listen, localEndpoint } from '../../protocol/bind.ts';
import type { Bind } from '../../protocol/bind.ts';
import { admitChange, admitEmergency } from './admission.ts';
import { refuseUnreadable } from './refuse-unreadable.ts';
import { RestError } from './rest-error.ts';
import { findRoute } from './route.ts';
import type { Answer, Route } from './route.ts';

export type RestServerOptions = {
  readonly bind: Bind;
  readonly routes: readonly Route[];
  /** Asked at every change. */
  readonly tokens: () => readonly string[] | null;
  /** Of those who may declare an emergency; null: whoever is on this machine. */
  readonly emergencyTokens: () => readonly string[] | null;
  readonly logger: Logger;
};

/** The runner's HTTP interface; `url` is what others on this machine ask. */
export type RestServer = AsyncDisposable & { readonly address: string; readonly url: string };

// Hydra's pages, a Prometheus and some people; each costs a socket.
const connectionsMax = 500;
// A build's number, or the name of a derivation.
const bodyBytesMax = 65_536;

/** Serves status, metrics and what can be changed. Throws `Fault` if it cannot listen there. */
export async function serveRest(options: RestServerOptions): Promise<RestServer> {
  const server = createServer((request, response) => {
    answer(server, options, request, response).catch((error: unknown) => {
      // Whoever asked is gone, or gets nothing more.
      options.logger.debug({ error: describeError(error) }, 'an answer was cut off');
      response.destroy();
    });
  });
  server.maxConnections = connectionsMax;
  refuseUnreadable(server);
  await listen(server, options.bind);
  const address = boundAddress(server);
  return {
    address,
    url: localEndpoint(address),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  server: Server,
  options: RestServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let found: Answer;
  try {
    found = await findAnswer(server, options, request);
  } catch (error) {
    sendJson(response, ...wordError(error, request, options.logger));
    return;
  }
  switch (found.type) {
    case 'json':
      return sendJson(response, 200, found.body);
    case 'text':
      response.writeHead(200, { 'content-type': found.contentType }).end(found.text);
      return;
    case 'stream':
      response.writeHead(200, { 'content-type': 'application/json' });
      await pipeline(Readable.from(found.pieces), response);
  }
}

async function findAnswer(
  server: Server,
  { routes, tokens, emergencyTokens }: RestServerOptions,
  request: IncomingMessage,
): Promise<Answer> {
  const route = findRoute(routes, request.method ?? '', request.url ?? '');
  if (route === null) throw new RestError(404, `there is no ${request.method} ${request.url}`);
  if (route.right === 'look') return route.answer(undefined);
  if (route.right === 'change') admitChange(request, server, tokens());
  else admitEmergency(request, server, emergencyTokens());
  return route.answer(await readJson(request));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    if (!(piece instanceof Buffer)) continue;
    bytes += piece.length;
    if (bytes > bodyBytesMax)
      throw new RestError(413, `the body is longer than ${bodyBytesMax} bytes`);
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch (cause) {
    throw new RestError(400, `the body is not JSON: ${describeError(cause)}`);
  }
}

function wordError(
  error: unknown,
  request: IncomingMessage,
  logger: Logger,
): [status: number, body: { readonly error: string }] {
  if (error instanceof RestError) return [error.status, { error: error.message }];
  logger.error({ path: request.url, error: describeError(error) }, 'a request failed');
  return [500, { error: describeError(error) }];
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': bytes.length,
      // Unread bytes of a refused request must not be taken for the next one.
      ...(status === 413 ? { connection: 'close' } : {}),
    })
    .end(bytes);
}
