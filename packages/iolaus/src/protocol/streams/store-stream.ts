import { create } from '@bufbuild/protobuf';
import type { PathInfo, StoreDirectory } from '@iolaus/nix';
import { CallError } from '../call-error.ts';
import type { AddToStoreRequest } from '../generated/runner/v1/transfer_pb.ts';
import {
  AddToStoreHeaderSchema,
  AddToStoreRequestSchema,
} from '../generated/runner/v1/transfer_pb.ts';
import type { ImportPath, IncomingPaths, OutgoingPaths } from '../store-transfer.ts';
import { fromPathInfoMessage, toPathInfoMessage } from '../translation/path-info.ts';
import { readAttempt } from '../translation/uuid.ts';
import { PieceCutter } from './piece-cutter.ts';
import { compressBulk } from '../zstd/compress.ts';
import { decompress } from '../zstd/decompress.ts';

/**
 * Store objects as `FetchPaths` and `BuildResult` send them: a header with all path infos, then one zstd frame with the
 * archives one behind the other. Throws if an archive is not as long as its path info says.
 */
export async function* encodeStorePaths(
  directory: StoreDirectory,
  paths: OutgoingPaths,
): AsyncGenerator<AddToStoreRequest, void, void> {
  const pathInfos = paths.infos.map((info) => toPathInfoMessage(directory, info));
  const header = create(AddToStoreHeaderSchema, { pathInfos, buildId: paths.attempt ?? '' });
  yield create(AddToStoreRequestSchema, { content: { case: 'header', value: header } });
  // Receivers of an empty header are gone already.
  if (pathInfos.length === 0) return;
  for await (const value of compressBulk(archivesOf(paths))) {
    yield create(AddToStoreRequestSchema, { content: { case: 'narChunk', value } });
  }
}

/** Waits for the header. Throws `CallError('invalid-argument')` if there is none or if it cannot be read. */
export async function decodeStorePaths(
  directory: StoreDirectory,
  messages: AsyncIterable<AddToStoreRequest>,
): Promise<IncomingPaths> {
  const iterator = messages[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true || first.value.content.case !== 'header') {
    throw new CallError('invalid-argument', 'the stream does not begin with a header');
  }
  const { pathInfos, buildId } = first.value.content.value;
  const infos = pathInfos.map((info) => fromPathInfoMessage(directory, info));
  const attempt = buildId === '' ? null : readAttempt(buildId);
  return { attempt, infos, importEach: (importPath) => importAll(infos, iterator, importPath) };
}

async function* archivesOf(paths: OutgoingPaths): AsyncGenerator<Uint8Array, void, void> {
  for (const info of paths.infos) {
    let sentBytes = 0;
    for await (const piece of paths.nar(info)) {
      sentBytes += piece.length;
      yield piece;
    }
    if (sentBytes !== info.narSize) {
      throw new Error(`the archive of ${info.path} has ${sentBytes} bytes, not ${info.narSize}`);
    }
  }
}

async function importAll(
  infos: readonly PathInfo[],
  messages: AsyncIterator<AddToStoreRequest>,
  importPath: ImportPath,
): Promise<void> {
  const archives = new PieceCutter(decompress(archiveBytes(messages)));
  try {
    // A header without paths says it all; Hydra's receivers read no further either.
    if (infos.length === 0) return;
    for (const info of infos) {
      await archives.hand(info.narSize, (nar) => importPath(info, nar));
    }
    await archives.expectEnd();
  } finally {
    archives.release();
  }
}

async function* archiveBytes(
  messages: AsyncIterator<AddToStoreRequest>,
): AsyncGenerator<Uint8Array, void, void> {
  for (let step = await messages.next(); step.done !== true; step = await messages.next()) {
    // Whatever else comes, such as a second header, Hydra's receivers pass over.
    if (step.value.content.case === 'narChunk') yield step.value.content.value;
  }
}
