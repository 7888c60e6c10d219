import type { PathInfo } from '../path-info/path-info.ts';
import type { StoreDirectory } from '../store-path/store-path.ts';
import { keyedPathInfo } from './operations/additions.ts';
import type { Protocol } from './protocol.ts';
import type { Data } from './upload.ts';
import { WireWriter } from './wire/writer.ts';

/** A path and its archive, which is taken when its turn comes. */
export type PathToAdd = {
  readonly info: PathInfo;
  /** The archive, from its beginning. */
  readonly nar: () => Data;
};

/** Small paths share a frame. */
const gatheredBytes = 64 * 1024;

/** The data of AddMultipleToStore: how many paths, then each with its archive. */
export function multiplePaths(
  directory: StoreDirectory,
  protocol: Protocol,
  paths: readonly PathToAdd[],
): Data {
  return gathered(pathByPath(directory, protocol, paths));
}

async function* pathByPath(
  directory: StoreDirectory,
  protocol: Protocol,
  paths: readonly PathToAdd[],
): AsyncGenerator<Uint8Array, void, undefined> {
  yield new WireWriter(directory).int(paths.length).finish();
  for (const { info, nar } of paths) {
    const writer = new WireWriter(directory);
    keyedPathInfo.write(writer, info, protocol);
    yield writer.finish();
    yield* nar();
  }
}

/** The same bytes in chunks that are not small, but for the last. */
async function* gathered(data: Data): AsyncGenerator<Uint8Array, void, undefined> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of data) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes < gatheredBytes) continue;
    yield waiting.length === 1 ? chunk : Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}
