import { fromUtf8 } from '../byte-string.ts';
import { WordWriter } from '../nar/word-writer.ts';
import { printStorePath } from '../store-path/store-path.ts';
import type { StoreDirectory } from '../store-path/store-path.ts';
import { exportMagic, pathFollows } from './exported-path.ts';
import type { ExportedPath } from './exported-path.ts';

/** A path with its archive, which is asked for when its turn has come. */
export type PathToExport = ExportedPath & {
  /** The archive, from its beginning. */
  nar(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
};

const wordInBytes = 8;
/** Around a path with its length and padding. */
const roomForPathInBytes = 2 * wordInBytes;

/**
 * What `nix-store --export` writes and `nix-store --import` reads. Give dependencies first, as Nix wants them. Archives
 * are handed on as they are.
 */
export async function* writeExport(
  directory: StoreDirectory,
  paths: AsyncIterable<PathToExport> | Iterable<PathToExport>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const path of paths) {
    yield encodeNumber(pathFollows);
    yield* path.nar();
    yield encodeTrailer(directory, path);
  }
  yield encodeNumber(0);
}

function encodeNumber(value: number): Uint8Array {
  const writer = new WordWriter(wordInBytes);
  writer.number(value);
  return writer.take();
}

function encodeTrailer(
  directory: StoreDirectory,
  { path, references, deriver }: ExportedPath,
): Uint8Array {
  const print = (path: ExportedPath['path']) => fromUtf8(printStorePath(directory, path));
  const sorted = references.toSorted().map(print);
  const strings = [print(path), ...sorted, deriver === null ? fromUtf8('') : print(deriver)];
  const numbers = 3 * wordInBytes;
  const size = strings.reduce((sum, { length }) => sum + length + roomForPathInBytes, numbers);
  const writer = new WordWriter(size);
  writer.number(exportMagic);
  writer.byteString(print(path));
  writer.number(sorted.length);
  for (const reference of sorted) writer.byteString(reference);
  writer.byteString(deriver === null ? fromUtf8('') : print(deriver));
  writer.number(0);
  return writer.take();
}
