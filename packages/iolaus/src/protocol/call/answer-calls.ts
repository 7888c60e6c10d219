import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { CallError } from '../call-error.ts';
import type { Caller } from '../caller.ts';
import { IncomingCall } from './incoming-call.ts';
import type { Route } from './route.ts';
import { asCallError } from './status.ts';

/** May throw `CallError` to refuse a call. */
export type Guard = (headers: IncomingHttpHeaders) => void;

/** Answers one call; resolves when its handler is done, and never rejects. */
export type AnswerCall = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  caller: Caller,
) => Promise<void>;

export function answerCalls(
  routes: readonly Route[],
  failed: (error: CallError, caller: Caller) => void = () => {},
): AnswerCall {
  const answers = new Map(routes);
  return async (stream, headers, caller) => {
    const call = new IncomingCall(stream, headers, caller);
    try {
      refuseOtherProtocols(headers);
      const answer = answers.get(headers[':path'] ?? '');
      if (answer === undefined) {
        throw new CallError('unimplemented', `there is no ${headers[':path'] ?? 'path'} here`);
      }
      await answer(call);
      call.succeed();
    } catch (error) {
      const failure = asCallError(error);
      call.fail(failure);
      failed(failure, caller);
    }
  };
}

/** The same route for those only whom `guard` lets pass. */
export function guarded(guard: Guard, [path, answer]: Route): Route {
  return [
    path,
    async (call) => {
      guard(call.headers);
      await answer(call);
    },
  ];
}

function refuseOtherProtocols(headers: IncomingHttpHeaders): void {
  if (headers['content-type']?.startsWith('application/grpc') !== true) {
    throw new CallError('invalid-argument', 'only gRPC is spoken here');
  }
  const encoding = headers['grpc-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new CallError('unimplemented', `compression with ${String(encoding)} is not supported`);
  }
}
