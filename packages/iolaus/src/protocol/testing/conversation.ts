import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, constants, createServer } from 'node:http2';
import type { ClientHttp2Session, ServerHttp2Stream } from 'node:http2';
import { z } from 'zod';
import { boundAddress, localEndpoint } from '../bind.ts';
import { unlimited } from '../call/gathering.ts';
import { MessageCutter, frameMessage } from '../call/message-frame.ts';
import { messageLimitBytes } from '../version.ts';

/** A call between a builder and a runner, as it went over the wire. */
export type RecordedCall = {
  readonly method: string;
  readonly fromBuilder: readonly Uint8Array[];
  readonly fromRunner: readonly Uint8Array[];
};

const line = z.union([
  z.object({ call: z.number(), begins: z.string() }),
  z.object({ call: z.number(), from: z.enum(['builder', 'runner']), message: z.base64() }),
  z.object({ call: z.number(), ends: z.enum(['builder', 'runner']) }),
]);

/**
 * What Hydra's program and ours said to each other while they built a few derivations: `hydra-builder` with our runner,
 * `hydra-runner` with our builder. Recorded between the programs, a line for each message, in their order.
 */
export function readConversation(name: 'hydra-builder' | 'hydra-runner'): RecordedCall[] {
  const file = new URL(`../../../fixtures/conversations/${name}.jsonl`, import.meta.url);
  const calls = new Map<number, Record<'builder' | 'runner', Uint8Array[]> & { method: string }>();
  for (const text of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const entry = line.parse(JSON.parse(text));
    if ('begins' in entry) {
      calls.set(entry.call, { method: entry.begins, builder: [], runner: [] });
    } else if ('from' in entry) {
      calls.get(entry.call)?.[entry.from].push(Buffer.from(entry.message, 'base64'));
    }
  }
  return [...calls.values()].map(({ method, builder, runner }) => {
    return { method, fromBuilder: builder, fromRunner: runner };
  });
}

/** Says again what the builder said; resolves with the status of each call. The tunnel is open all the while. */
export async function playBuilder(
  endpoint: string,
  calls: readonly RecordedCall[],
): Promise<{ readonly method: string; readonly status: number }[]> {
  const session = connect(endpoint);
  const tunnels = calls.filter(({ method }) => method === 'OpenTunnel');
  const closings = tunnels.map((call) => say(session, call));
  const statuses: { method: string; status: number }[] = [];
  for (const call of calls) {
    if (call.method === 'OpenTunnel') continue;
    statuses.push({ method: call.method, status: await say(session, call)() });
  }
  for (const end of closings) statuses.push({ method: 'OpenTunnel', status: await end() });
  session.close();
  return statuses;
}

/** What the builder said; the call of what it returns ends it, and resolves with the status. */
function say(session: ClientHttp2Session, call: RecordedCall): () => Promise<number> {
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: `/runner.v1.RunnerService/${call.method}`,
    [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
    te: 'trailers',
  });
  const trailers = once(stream, 'trailers');
  stream.resume();
  for (const message of call.fromBuilder) stream.write(frameMessage(message));
  return async () => {
    stream.end();
    const [headers]: Record<string, unknown>[] = await trailers;
    return Number(headers?.['grpc-status']);
  };
}

/** Listens, and answers as the runner did: each call of a method by the next that was recorded of it. */
export async function playRunner(
  calls: readonly RecordedCall[],
): Promise<AsyncDisposable & { readonly endpoint: string }> {
  const waiting = [...calls];
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const method = String(headers[constants.HTTP2_HEADER_PATH]).split('/').at(-1);
    const index = waiting.findIndex((call) => call.method === method);
    const [call] = index < 0 ? [] : waiting.splice(index, 1);
    if (call === undefined) stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else void answer(stream, call);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: localEndpoint(boundAddress(server)),
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

async function answer(stream: ServerHttp2Stream, call: RecordedCall): Promise<void> {
  stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  const heard = new MessageCutter(messageLimitBytes, unlimited);
  const ended = once(stream, 'end');
  stream.on('data', (piece: Buffer) => void heard.push(piece));
  // In a tunnel both speak at once.
  if (call.method !== 'OpenTunnel') await ended;
  for (const message of call.fromRunner) stream.write(frameMessage(message));
  await ended;
  stream.end();
}
