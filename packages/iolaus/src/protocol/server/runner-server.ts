import { once } from 'node:events';
import { createSecureServer, createServer } from 'node:http2';
import type { Http2SecureServer, Http2Server, Http2Session, ServerHttp2Session } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import type { SecureContextOptions } from 'node:tls';
import type { StoreDirectory } from '@iolaus/nix';
import { boundAddress, listen, localEndpoint, parseBind } from '../bind.ts';
import type { Bind } from '../bind.ts';
import { answerCalls, guarded } from '../call/answer-calls.ts';
import {
  concurrentCalls,
  sessionMemoryMegabytes,
  sessionWindowBytes,
  streamWindowBytes,
} from '../call/flow-control.ts';
import { keepAlive } from '../call/keep-alive.ts';
import type { KeepAlivePace } from '../call/keep-alive.ts';
import type { Caller } from '../caller.ts';
import { useCertificates } from '../certificates.ts';
import type { RunnerHandlers } from './runner-handlers.ts';
import { healthRoute, runnerRoutes } from './runner-routes.ts';
import { tunnelRoute } from './tunnel-route.ts';
import { tokenGuard } from './token-guard.ts';
import type { JoinKey } from './token-guard.ts';
import type { RunnerTunnel } from '../tunnel.ts';

export type { AcceptedTunnel, RunnerHandlers } from './runner-handlers.ts';
export type { Caller } from '../caller.ts';

export type RunnerServerOptions = {
  readonly handlers: RunnerHandlers;
  /** "host:port" (port 0: any that is free; "[::1]:50051" for IPv6), or the absolute path of a Unix socket. */
  readonly bind: string | Bind;
  /**
   * Asked at every call, so that a list read anew counts at once. Null: everybody may call; an empty list refuses
   * everybody.
   */
  readonly tokens: () => readonly string[] | null;
  /** Signs join tokens: with one, nobody is let in without a token. */
  readonly joinKey?: JoinKey;
  /** Null: in the clear. */
  readonly tls?: ServerTls | null;
  readonly storeDirectory: StoreDirectory;
  /** How soon a connection that leads nowhere is noticed; within forty seconds by default. */
  readonly pace?: KeepAlivePace;
};

/** PEM: who we are, and who has signed the certificates that builders have to show. */
export type ServerTls = {
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string;
};

export interface RunnerServer extends AsyncDisposable {
  /** As in `bind`, with the real port. */
  readonly address: string;
  /** What `connectRunner` takes: http://… or unix://… */
  readonly endpoint: string;
  /** Connections just now. */
  readonly sessions: number;
  /** Those who dial from now on see these. Throws `Fault` ('bad-configuration'), and leaves it as it was. */
  renewCertificates(tls: ServerTls): void;
  /** Takes no more calls, ends all tunnels and connections, and resolves when all handlers are done. */
  close(): Promise<void>;
}

// For the builders to take leave; whoever has not done so by then is cut off.
const farewellMilliseconds = 2_000;

/** Listens for builders. Throws `Fault` ('port-in-use', 'not-permitted', 'bad-configuration') if it cannot. */
export async function serveRunner(options: RunnerServerOptions): Promise<RunnerServer> {
  const server = openServer(options.tls ?? null);
  const runnerServer = new ListeningServer(server, options);
  const { bind } = options;
  await listen(server, typeof bind === 'string' ? parseBind(bind) : bind);
  return runnerServer;
}

/** Throws `Fault` where they are none, or do not belong together. */
export function checkCertificates(tls: ServerTls): void {
  withCertificates(tls, createSecureContext);
}

/** Throws `Fault` where the certificates are none. */
function openServer(tls: ServerTls | null): Http2Server | Http2SecureServer {
  const settings = {
    settings: { initialWindowSize: streamWindowBytes, maxConcurrentStreams: concurrentCalls },
    maxSessionMemory: sessionMemoryMegabytes,
  };
  if (tls === null) return createServer(settings);
  return withCertificates(tls, (certificates) =>
    createSecureServer({
      ...settings,
      ...certificates,
      requestCert: true,
      rejectUnauthorized: true,
    }),
  );
}

const withCertificates = <Done>(
  { certificate, key, clientAuthority: authority }: ServerTls,
  use: (options: SecureContextOptions) => Done,
): Done => useCertificates('builders', { certificate, key, authority }, use);

class ListeningServer implements RunnerServer {
  readonly #server: Http2Server | Http2SecureServer;
  readonly #isEncrypted: boolean;
  readonly #pace: KeepAlivePace | undefined;
  readonly #sessions = new Map<Http2Session, Caller>();
  readonly #tunnels = new Set<RunnerTunnel>();
  readonly #answering = new Set<Promise<void>>();

  constructor(
    server: Http2Server | Http2SecureServer,
    {
      handlers,
      tokens,
      joinKey = () => null,
      storeDirectory,
      tls = null,
      pace,
    }: RunnerServerOptions,
  ) {
    this.#server = server;
    this.#pace = pace;
    this.#isEncrypted = tls !== null;
    const guard = tokenGuard(tokens, joinKey);
    const routes = [
      ...runnerRoutes(handlers, storeDirectory),
      tunnelRoute(handlers, this.#tunnels, joinKey),
    ];
    const answer = answerCalls(
      [...routes.map((route) => guarded(guard, route)), healthRoute()],
      (error, caller) => handlers.callFailed?.(error, caller),
    );
    server.on('session', (session) => this.#welcome(session));
    server.on('stream', (stream, headers) => {
      const caller = stream.session && this.#sessions.get(stream.session);
      if (caller === undefined) return;
      const answering = answer(stream, headers, caller);
      this.#answering.add(answering);
      void answering.then(() => this.#answering.delete(answering));
    });
  }

  get address(): string {
    return boundAddress(this.#server);
  }

  get endpoint(): string {
    const endpoint = localEndpoint(this.address);
    return this.#isEncrypted ? endpoint.replace(/^http:/, 'https:') : endpoint;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  renewCertificates(tls: ServerTls): void {
    const server = this.#server;
    if ('setSecureContext' in server) {
      withCertificates(tls, (certificates) => server.setSecureContext(certificates));
    }
  }

  async close(): Promise<void> {
    this.#server.close();
    await this.#closeTunnels();
    for (const session of this.#sessions.keys()) session.destroy();
    await Promise.all(this.#answering);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #welcome(session: ServerHttp2Session): void {
    const { remoteAddress, remotePort } = session.socket;
    const address = remoteAddress === undefined ? 'unix' : `${remoteAddress}:${remotePort}`;
    this.#sessions.set(session, { address });
    session.once('close', () => this.#sessions.delete(session));
    session.setLocalWindowSize(sessionWindowBytes);
    keepAlive(session, this.#pace);
  }

  async #closeTunnels(): Promise<void> {
    const tunnels = [...this.#tunnels];
    for (const tunnel of tunnels) tunnel.close();
    const allEnded = Promise.all(tunnels.map(({ signal }) => aborted(signal)));
    const timer = new AbortController();
    await Promise.race([allEnded, delay(farewellMilliseconds, undefined, timer)]);
    timer.abort();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
