import { create } from '@bufbuild/protobuf';
import { CallError } from '../call-error.ts';
import type { LogChunk } from '../generated/runner/v1/transfer_pb.ts';
import { LogChunkSchema } from '../generated/runner/v1/transfer_pb.ts';
import type { IncomingLog, OutgoingLog } from '../store-transfer.ts';
import { toNumber } from '../translation/field.ts';
import { fromDerivationPathMessage, toStorePathMessage } from '../translation/store-path.ts';
import { readAttempt } from '../translation/uuid.ts';
import { compressLive } from '../zstd/compress.ts';
import { decompress } from '../zstd/decompress.ts';

/**
 * A log as `BuildLog` sends it: all data together is one zstd frame, because Hydra's runner reads no second one. The
 * first chunk says whose log it is; even an empty log has one.
 */
export async function* encodeLog(log: OutgoingLog): AsyncGenerator<LogChunk, void, void> {
  let first = true;
  for await (const data of compressLive(log.data)) {
    const whose = first
      ? {
          drv: toStorePathMessage(log.derivation),
          buildId: log.attempt,
          offset: BigInt(log.offset),
        }
      : undefined;
    yield create(LogChunkSchema, { ...whose, data });
    first = false;
  }
}

/**
 * Waits for the first chunk. Throws `CallError`, and so does reading the data where it is damaged, breaks off, or where
 * something follows that is not zstd.
 */
export async function decodeLog(chunks: AsyncIterable<LogChunk>): Promise<IncomingLog> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) throw new CallError('internal', 'Empty stream');
  const { drv, buildId, offset } = first.value;
  return {
    derivation: fromDerivationPathMessage('drv', drv),
    attempt: buildId === '' ? null : readAttempt(buildId),
    offset: toNumber('offset', offset),
    data: decompress(dataOf(first.value, iterator)),
  };
}

async function* dataOf(
  first: LogChunk,
  rest: AsyncIterator<LogChunk>,
): AsyncGenerator<Uint8Array, void, void> {
  yield first.data;
  for (let step = await rest.next(); step.done !== true; step = await rest.next()) {
    yield step.value.data;
  }
}
