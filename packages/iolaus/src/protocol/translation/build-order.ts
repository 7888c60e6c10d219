import { create } from '@bufbuild/protobuf';
import type { StoreDirectory } from '@iolaus/nix';
import type { BuildOrder } from '../build-order.ts';
import type * as wire from '../generated/runner/v1/build_pb.ts';
import { BuildMessageSchema } from '../generated/runner/v1/build_pb.ts';
import { fromBasicDerivationMessage, toBasicDerivationMessage } from './derivation.ts';
import { required, toNumber } from './field.ts';
import { fromDerivationPathMessage, toStorePathMessage } from './store-path.ts';
import { readAttempt } from './uuid.ts';

// 4 bytes with a sign; a limit beyond 68 years is none.
const mostSeconds = 2 ** 31 - 1;

/** Throws `CallError('invalid-argument')` for a derivation that the protocol has no form for. */
export function toBuildMessage(order: BuildOrder): wire.BuildMessage {
  const { presignedUpload } = order;
  return create(BuildMessageSchema, {
    buildId: order.attempt,
    drv: toStorePathMessage(order.derivationPath),
    maxLogSize: BigInt(order.maxLogBytes),
    maxSilentTime: Math.min(order.maxSilentSeconds, mostSeconds),
    buildTimeout: Math.min(order.timeoutSeconds, mostSeconds),
    ...(presignedUpload === null
      ? {}
      : { presignedUrlOpts: { uploadDebugInfo: presignedUpload.debugInfo } }),
    resolvedDrv: toBasicDerivationMessage(order.derivation),
    maxOutputSize: BigInt(order.maxOutputBytes),
    attempt: BigInt(order.fence),
  });
}

/** Throws `CallError('invalid-argument')`. */
export function fromBuildMessage(
  directory: StoreDirectory,
  message: wire.BuildMessage,
): BuildOrder {
  const { presignedUrlOpts, resolvedDrv } = message;
  return {
    attempt: readAttempt(message.buildId),
    fence: toNumber('attempt', message.attempt),
    derivationPath: fromDerivationPathMessage('drv', message.drv),
    derivation: fromBasicDerivationMessage(directory, required('resolved_drv', resolvedDrv)),
    maxLogBytes: toNumber('max_log_size', message.maxLogSize),
    maxSilentSeconds: Math.max(message.maxSilentTime, 0),
    timeoutSeconds: Math.max(message.buildTimeout, 0),
    maxOutputBytes: toNumber('max_output_size', message.maxOutputSize),
    presignedUpload:
      presignedUrlOpts === undefined ? null : { debugInfo: presignedUrlOpts.uploadDebugInfo },
  };
}
