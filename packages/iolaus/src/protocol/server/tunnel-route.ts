import type { IncomingCall } from '../call/incoming-call.ts';
import { conversationRoute } from '../call/route.ts';
import type { Route } from '../call/route.ts';
import { CallError } from '../call-error.ts';
import { RunnerService } from '../generated/runner/v1/runner_pb.ts';
import type { BuilderRequest, RunnerRequest } from '../generated/runner/v1/tunnel_pb.ts';
import type { Join } from '../join.ts';
import type { AcceptedTunnel, RunnerHandlers } from './runner-handlers.ts';
import { fromBuilderRequest } from '../translation/from-builder.ts';
import { readClaims } from './token-guard.ts';
import type { JoinKey } from './token-guard.ts';
import { toJoinAnswerRequest, toRunnerRequest } from '../translation/from-runner.ts';
import type { RunnerTunnel, TunnelEnd } from '../tunnel.ts';
import type { BuilderMessage, FromBuilder, RunnerMessage } from '../tunnel-message.ts';

type Write = (message: RunnerRequest) => Promise<boolean>;

/** `OpenTunnel`. Whoever puts an end to the server closes the tunnels that are in `open`. */
export function tunnelRoute(
  handlers: Pick<RunnerHandlers, 'openTunnel'>,
  open: Set<RunnerTunnel>,
  joinKey: JoinKey,
): Route {
  return conversationRoute(RunnerService.method.openTunnel, async (requests, write, call) => {
    const messages = readMessages(requests);
    const join = await readJoin(messages);
    const claims = readClaims(call.headers.authorization, joinKey);
    const accepted = await handlers.openTunnel(join, { ...call.caller, claims });
    const tunnel = new AcceptedRunnerTunnel(call, messages, write);
    open.add(tunnel);
    const end = (): void => {
      if (open.delete(tunnel)) accepted.ended(tunnel.over());
    };
    call.onceOver(end);
    try {
      await converse(accepted, join, tunnel, write);
    } catch (error) {
      // Who is refused may leave the connection as it is for as long as it likes.
      end();
      throw error;
    }
  });
}

async function converse(
  accepted: AcceptedTunnel,
  join: Join,
  tunnel: AcceptedRunnerTunnel,
  write: Write,
): Promise<void> {
  try {
    if (!(await write(toJoinAnswerRequest(join.machine, accepted.accept)))) return;
    await accepted.converse(tunnel);
    tunnel.close();
  } catch (error) {
    tunnel.noteEnd({ reason: 'lost', cause: error });
    throw error;
  }
}

class AcceptedRunnerTunnel implements RunnerTunnel {
  readonly messages: AsyncIterable<BuilderMessage>;
  readonly #call: IncomingCall;
  readonly #write: Write;
  readonly #ended = new AbortController();
  #end: TunnelEnd | undefined;

  constructor(call: IncomingCall, messages: AsyncIterator<FromBuilder>, write: Write) {
    this.#call = call;
    this.#write = write;
    this.messages = this.#readOn(messages);
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  async send(message: RunnerMessage): Promise<boolean> {
    return this.#write(toRunnerRequest(message));
  }

  close(): void {
    this.noteEnd({ reason: 'closed-by-runner' });
    this.#call.succeed();
  }

  /** The first reason counts; what follows is its consequence. */
  noteEnd(end: TunnelEnd): void {
    this.#end ??= end;
  }

  /** Nothing can be read or written any more. */
  over(): TunnelEnd {
    this.#end ??= {
      reason: 'lost',
      cause: new CallError('unavailable', 'the connection was lost'),
    };
    this.#ended.abort();
    return this.#end;
  }

  async *#readOn(messages: AsyncIterator<FromBuilder>): AsyncGenerator<BuilderMessage, void, void> {
    try {
      for (let step = await messages.next(); step.done !== true; step = await messages.next()) {
        if (step.value.type !== 'join') yield step.value;
      }
      this.noteEnd({ reason: 'closed-by-builder' });
    } catch (error) {
      if (this.#end?.reason === 'closed-by-runner') return;
      this.noteEnd({ reason: 'lost', cause: error });
      throw error;
    }
  }
}

async function readJoin(messages: AsyncIterator<FromBuilder>): Promise<Join> {
  const first = await messages.next();
  if (first.done === true || first.value.type !== 'join') {
    throw new CallError('invalid-argument', 'the first message must be a join');
  }
  return first.value.join;
}

async function* readMessages(
  requests: AsyncIterable<BuilderRequest>,
): AsyncGenerator<FromBuilder, void, void> {
  for await (const request of requests) {
    const message = readMessage(request);
    if (message !== null) yield message;
  }
}

/** Null for what is to be passed over: what we do not know, and pings that cannot be read. */
function readMessage(request: BuilderRequest): FromBuilder | null {
  try {
    return fromBuilderRequest(request);
  } catch (error) {
    if (request.message.case === 'ping') return null;
    throw error;
  }
}
