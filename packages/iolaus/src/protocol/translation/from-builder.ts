import { create } from '@bufbuild/protobuf';
import type * as wire from '../generated/runner/v1/tunnel_pb.ts';
import { BuilderRequestSchema } from '../generated/runner/v1/tunnel_pb.ts';
import type { FromBuilder } from '../tunnel-message.ts';
import {
  fromAttemptReportMessage,
  fromStepUpdateMessage,
  toAttemptReportMessage,
  toStepUpdateMessage,
} from './attempt-report.ts';
import { fromJoinMessage, toJoinMessage } from './join.ts';
import { fromPingMessage, toPingMessage } from './ping.ts';

export function toBuilderRequest(message: FromBuilder): wire.BuilderRequest {
  return create(BuilderRequestSchema, { message: toArm(message) });
}

/** Null for what we do not know: newer builders may say more. Throws `CallError('invalid-argument')`. */
export function fromBuilderRequest({ message }: wire.BuilderRequest): FromBuilder | null {
  switch (message.case) {
    case 'join':
      return { type: 'join', join: fromJoinMessage(message.value) };
    case 'ping':
      return { type: 'ping', ping: fromPingMessage(message.value) };
    case 'stepUpdate':
      return { type: 'step-update', update: fromStepUpdateMessage(message.value) };
    case 'complete':
      return { type: 'complete', report: fromAttemptReportMessage(message.value) };
    default:
      return null;
  }
}

function toArm(message: FromBuilder): wire.BuilderRequest['message'] {
  switch (message.type) {
    case 'join':
      return { case: 'join', value: toJoinMessage(message.join) };
    case 'ping':
      return { case: 'ping', value: toPingMessage(message.ping) };
    case 'step-update':
      return { case: 'stepUpdate', value: toStepUpdateMessage(message.update) };
    default:
      return { case: 'complete', value: toAttemptReportMessage(message.report) };
  }
}
