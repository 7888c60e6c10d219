import type { StoreDirectory } from '@iolaus/nix';
import type { Connection } from '../call/connection.ts';
import type { CallOptions } from '../call/invoke.ts';
import { decodeAll, encode } from '../call/message-codec.ts';
import type { OutgoingCall } from '../call/outgoing-call.ts';
import { methodPath } from '../call/route.ts';
import { CallError } from '../call-error.ts';
import { RunnerService } from '../generated/runner/v1/runner_pb.ts';
import { BuilderRequestSchema, RunnerRequestSchema } from '../generated/runner/v1/tunnel_pb.ts';
import type { Join } from '../join.ts';
import { toBuilderRequest } from '../translation/from-builder.ts';
import { fromRunnerRequest } from '../translation/from-runner.ts';
import type { BuilderTunnel } from '../tunnel.ts';
import type { FromBuilder, FromRunner } from '../tunnel-message.ts';

// The runner records what happened within some twenty milliseconds together anyway.
const gatherMilliseconds = 20;

/** Dials, sends the join, and leaves the rest to whoever reads. */
export function openTunnel(
  connection: Connection,
  directory: StoreDirectory,
  join: Join,
  options: CallOptions = {},
): BuilderTunnel {
  const call = connection.call(methodPath(RunnerService.method.openTunnel), options.signal);
  call.writer.gather(gatherMilliseconds);
  const ended = new AbortController();
  void call.outcome.then(() => ended.abort());
  const send = async (message: FromBuilder): Promise<boolean> =>
    call.writer.write(encode(BuilderRequestSchema, toBuilderRequest(message)));
  void send({ type: 'join', join });
  return {
    messages: readMessages(call, directory),
    send,
    signal: ended.signal,
    close: () => call.writer.end(),
  };
}

async function* readMessages(
  call: OutgoingCall,
  directory: StoreDirectory,
): AsyncGenerator<FromRunner, void, void> {
  let joined = false;
  for await (const request of decodeAll(RunnerRequestSchema, call.messages())) {
    const message = fromRunnerRequest(directory, request);
    if (message === null) continue;
    if (!joined && message.type !== 'joined') {
      throw new CallError('internal', 'the runner did not answer the join first');
    }
    joined = true;
    yield message;
  }
}
