import { create } from '@bufbuild/protobuf';
import type { StoreDirectory } from '@iolaus/nix';
import { CallError } from '../call-error.ts';
import type { BuildMessage } from '../generated/runner/v1/build_pb.ts';
import type * as wire from '../generated/runner/v1/tunnel_pb.ts';
import {
  AbortMessageSchema,
  BuildCompletedSchema,
  ConfigUpdateSchema,
  JoinResponseSchema,
  RunnerRequestSchema,
  SimplePingMessageSchema,
} from '../generated/runner/v1/tunnel_pb.ts';
import type { MachineUuid } from '../identity.ts';
import type { JoinAnswer } from '../join.ts';
import type { FromRunner, RunnerMessage } from '../tunnel-message.ts';
import { ourDialect } from '../version.ts';
import { fromBuildMessage, toBuildMessage } from './build-order.ts';
import { toNumber } from './field.ts';
import { readAttempt } from './uuid.ts';

export function toJoinAnswerRequest(machine: MachineUuid, answer: JoinAnswer): wire.RunnerRequest {
  const value = create(JoinResponseSchema, {
    machineId: machine,
    maxConcurrentDownloads: atLeastOne(answer.maxConcurrentDownloads),
    sharesStore: answer.sharesStore,
    dialect: ourDialect,
    takenBack: answer.takenBack.map(({ attempt, logBytes }) => ({
      buildId: attempt,
      logSize: BigInt(logBytes),
    })),
    leaseSeconds: answer.leaseSeconds,
  });
  return create(RunnerRequestSchema, { message: { case: 'join', value } });
}

/** Throws `CallError('invalid-argument')` for a build that the protocol has no form for. */
export function toRunnerRequest(message: RunnerMessage): wire.RunnerRequest {
  return create(RunnerRequestSchema, { message: toArm(message) });
}

/** Null for what we do not know: newer runners may say more. Throws `CallError('invalid-argument')`. */
export function fromRunnerRequest(
  directory: StoreDirectory,
  { message }: wire.RunnerRequest,
): FromRunner | null {
  switch (message.case) {
    case 'join':
      return readJoinAnswer(message.value);
    case 'configUpdate':
      return {
        type: 'configuration',
        maxConcurrentDownloads: atLeastOne(message.value.maxConcurrentDownloads),
      };
    case 'ping':
      return { type: 'ping' };
    case 'build':
      return readBuild(directory, message.value);
    case 'abort':
      return { type: 'abort', attempt: readAttempt(message.value.buildId) };
    case 'completed':
      return { type: 'completed', attempt: readAttempt(message.value.buildId) };
    default:
      return null;
  }
}

function toArm(message: RunnerMessage): wire.RunnerRequest['message'] {
  switch (message.type) {
    case 'configuration': {
      const maxConcurrentDownloads = atLeastOne(message.maxConcurrentDownloads);
      return {
        case: 'configUpdate',
        value: create(ConfigUpdateSchema, { maxConcurrentDownloads }),
      };
    }
    case 'ping':
      return { case: 'ping', value: create(SimplePingMessageSchema, { message: 'ping' }) };
    case 'build':
      return { case: 'build', value: toBuildMessage(message.order) };
    case 'abort':
      return { case: 'abort', value: create(AbortMessageSchema, { buildId: message.attempt }) };
    default:
      return {
        case: 'completed',
        value: create(BuildCompletedSchema, { buildId: message.attempt }),
      };
  }
}

function readJoinAnswer(answer: wire.JoinResponse): FromRunner {
  return {
    type: 'joined',
    answer: {
      maxConcurrentDownloads: atLeastOne(answer.maxConcurrentDownloads),
      sharesStore: answer.sharesStore,
      takenBack: answer.takenBack.map(({ buildId, logSize }) => ({
        attempt: readAttempt(buildId),
        logBytes: toNumber('log_size', logSize),
      })),
      leaseSeconds: answer.leaseSeconds,
    },
    dialect: answer.dialect,
  };
}

/** An order that can be named can be answered, so it is no reason to give up the tunnel. */
function readBuild(directory: StoreDirectory, message: BuildMessage): FromRunner {
  const attempt = readAttempt(message.buildId);
  try {
    return { type: 'build', order: fromBuildMessage(directory, message) };
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return { type: 'unreadable-build', attempt, message: error.message };
  }
}

/** 0 downloads at once make Hydra's builder stop for good. */
const atLeastOne = (count: number): number => Math.max(count, 1);
