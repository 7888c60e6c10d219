import { setImmediate } from 'node:timers/promises';
import { fromBytes, fromUtf8 } from '../byte-string.ts';
import { FileContents } from './file-contents.ts';
import { longestEventInBytes, NodeWriter } from './node-writer.ts';
import { walkTree } from './walk-tree.ts';
import type { TreeFile, TreeNode } from './walk-tree.ts';
import { WordWriter } from './word-writer.ts';

/**
 * How much is read at a stretch before others get their turn: less than a millisecond's work where the files are in
 * memory. Larger portions are not faster, and fall out of the processor's cache before they are hashed.
 */
const portionInBytes = 256 * 1024;
/** Small files come without waiting; larger ones are read by a thread, so that a slow disk holds up nobody. */
const largestAtOnceInBytes = 128 * 1024;
/** Empty files and symlinks fill no portion, but take their time too. */
const nodesAtAStretch = 256;

/** How an archive is made. */
export type DumpOptions = {
  /** Of the archive, where it is known: a small one then takes no more memory than it needs. */
  readonly sizeInBytes?: number;
  /** All chunks share one buffer, and each is good only until the next is asked for: saves memory. */
  readonly reuseBuffer?: boolean;
};

/**
 * The archive of a file, symlink or directory, as `nix-store --dump` writes it. Reads no further than it is asked to.
 * @param path bytes, where it is not UTF-8
 * @throws TreeError for what cannot be archived; the system's own error for what cannot be read
 */
export async function* dumpNar(
  path: string | Uint8Array,
  { reuseBuffer = false, sizeInBytes = Infinity }: DumpOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const writer = new WordWriter(Math.min(sizeInBytes + longestEventInBytes, portionInBytes));
  const nodes = new NodeWriter(writer);
  const take = (): Uint8Array => {
    const portion = writer.take();
    if (!reuseBuffer || writer.capacity < portionInBytes) writer.renew(portionInBytes);
    return portion;
  };
  let nodesSincePause = 0;
  for (const node of walkTree(typeof path === 'string' ? fromUtf8(path) : fromBytes(path))) {
    nodesSincePause += 1;
    if (writer.room < roomFor(node) || nodesSincePause === nodesAtAStretch) {
      yield take();
      await setImmediate();
      nodesSincePause = 0;
    }
    nodes.write(node);
    if (node.type !== 'regular') continue;
    if (node.size <= largestAtOnceInBytes) readAtOnce(node, writer);
    else yield* readInPortions(node, writer, take);
    nodes.endFile(node.size);
  }
  yield writer.take();
}

/** For all that is written at once. A file is read with one byte more, to see whether it grew. */
function roomFor(node: TreeNode): number {
  const contents = node.type === 'regular' && node.size <= largestAtOnceInBytes ? node.size + 1 : 0;
  return contents + longestEventInBytes;
}

function readAtOnce({ path, size }: TreeFile, writer: WordWriter): void {
  using contents = new FileContents(path, size);
  contents.readAllSync(writer.free());
  writer.advance(size);
}

async function* readInPortions(
  { path, size }: TreeFile,
  writer: WordWriter,
  take: () => Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  using contents = new FileContents(path, size);
  while (contents.remaining > 0) {
    writer.advance(await contents.readSome(writer.free()));
    if (writer.room < longestEventInBytes) yield take();
  }
  contents.expectEnd();
}
