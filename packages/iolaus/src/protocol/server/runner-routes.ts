import { create } from '@bufbuild/protobuf';
import type { StoreDirectory } from '@iolaus/nix';
import { downloadRoute, unaryRoute, uploadRoute } from '../call/route.ts';
import type { Route } from '../call/route.ts';
import { CallError } from '../call-error.ts';
import type { Caller } from '../caller.ts';
import type { UploadHandlers } from '../direct-upload.ts';
import {
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus,
  Health,
} from '../generated/grpc/health/v1/health_pb.ts';
import { MultipartPartsResponseSchema } from '../generated/runner/v1/presigned_pb.ts';
import { EmptySchema, RunnerService } from '../generated/runner/v1/runner_pb.ts';
import {
  HasPathResponseSchema,
  RequisitesResponseSchema,
} from '../generated/runner/v1/transfer_pb.ts';
import { VersionCheckResponseSchema } from '../generated/runner/v1/version_pb.ts';
import { decodeLog } from '../streams/log-stream.ts';
import type { RunnerHandlers } from './runner-handlers.ts';
import { decodeStorePaths, encodeStorePaths } from '../streams/store-stream.ts';
import { fromAttemptReportMessage, fromStepUpdateMessage } from '../translation/attempt-report.ts';
import {
  fromFinishedUploadMessage,
  fromPartsRequestMessage,
  fromUploadRequestMessage,
  partMessages,
  toUploadGrantsMessage,
} from '../translation/direct-upload.ts';
import {
  fromStorePathMessage,
  fromStorePathMessages,
  toStorePathMessage,
} from '../translation/store-path.ts';
import { protocolVersion } from '../version.ts';
import { judgeVersion } from './version-check.ts';

const { method } = RunnerService;
const empty = create(EmptySchema);

/** All calls of `RunnerService` but `OpenTunnel`. */
export function runnerRoutes(
  handlers: Omit<RunnerHandlers, 'openTunnel'>,
  directory: StoreDirectory,
): readonly Route[] {
  return [
    versionRoute(handlers, directory),
    ...buildRoutes(handlers),
    ...storeRoutes(handlers, directory),
    ...uploadRoutes(handlers, directory),
  ];
}

/** `grpc.health.v1`: whoever gets the answer knows that the runner serves. */
export function healthRoute(): Route {
  return unaryRoute(Health.method.check, async ({ service }) => {
    if (service !== '') throw new CallError('not-found', `there is no service '${service}' here`);
    const status = HealthCheckResponse_ServingStatus.SERVING;
    return create(HealthCheckResponseSchema, { status });
  });
}

function versionRoute(
  handlers: Pick<RunnerHandlers, 'versionChecked'>,
  directory: StoreDirectory,
): Route {
  return unaryRoute(method.checkVersion, async (request, caller) => {
    const check = {
      version: request.version,
      machine: request.machineId,
      hostname: request.hostname,
      storeDirectory: request.storeDir,
    };
    const verdict = judgeVersion(check, directory);
    handlers.versionChecked?.(check, verdict, caller);
    if (verdict === 'other-store') {
      throw new CallError(
        'failed-precondition',
        `the builder's store is ${check.storeDirectory}, but the runner's is ${directory}`,
      );
    }
    const compatible = verdict === 'compatible';
    return create(VersionCheckResponseSchema, { compatible, serverVersion: protocolVersion });
  });
}

function buildRoutes(handlers: Omit<RunnerHandlers, 'openTunnel'>): readonly Route[] {
  return [
    unaryRoute(method.buildStepUpdate, async (message, caller) => {
      await handlers.updateStep(fromStepUpdateMessage(message), caller);
      return empty;
    }),
    unaryRoute(method.completeBuild, async (message, caller) => {
      await handlers.completeBuild(fromAttemptReportMessage(message), caller);
      return empty;
    }),
    uploadRoute(method.buildLog, async (chunks, caller) => {
      await handlers.receiveLog(await decodeLog(chunks), caller);
      return empty;
    }),
  ];
}

function storeRoutes(
  handlers: Omit<RunnerHandlers, 'openTunnel'>,
  directory: StoreDirectory,
): readonly Route[] {
  return [
    uploadRoute(method.buildResult, async (messages, caller) => {
      await handlers.receivePaths(await decodeStorePaths(directory, messages), caller);
      return empty;
    }),
    downloadRoute(method.fetchPaths, async function* ({ paths }, caller: Caller) {
      const wanted = fromStorePathMessages('paths', paths);
      yield* encodeStorePaths(directory, await handlers.fetchPaths(wanted, caller));
    }),
    unaryRoute(method.fetchRequisites, async ({ paths }, caller) => {
      const wanted = fromStorePathMessages('paths', paths);
      const requisites = await handlers.fetchRequisites(wanted, caller);
      return create(RequisitesResponseSchema, { requisites: requisites.map(toStorePathMessage) });
    }),
    unaryRoute(method.hasPath, async (path, caller) => {
      const hasPath = await handlers.hasPath(fromStorePathMessage('path', path), caller);
      return create(HasPathResponseSchema, { hasPath });
    }),
  ];
}

/** Uploads past the runner need a store in S3. */
function uploadRoutes(
  { uploads }: Pick<RunnerHandlers, 'uploads'>,
  directory: StoreDirectory,
): readonly Route[] {
  const open = (): UploadHandlers => {
    if (uploads !== undefined) return uploads;
    throw new CallError('failed-precondition', 'no S3 store configured');
  };
  return [
    unaryRoute(method.requestPresignedUrl, async (message, caller) =>
      toUploadGrantsMessage(await open().grant(fromUploadRequestMessage(message), caller)),
    ),
    unaryRoute(method.requestMultipartParts, async (message, caller) => {
      const parts = await open().grantParts(fromPartsRequestMessage(message), caller);
      return create(MultipartPartsResponseSchema, { parts: partMessages(parts) });
    }),
    unaryRoute(method.notifyPresignedUploadComplete, async (message, caller) => {
      await open().finish(fromFinishedUploadMessage(directory, message), caller);
      return empty;
    }),
  ];
}
