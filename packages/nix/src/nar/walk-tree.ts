import { constants, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { assumeBytes, fromBytes } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import type { NarFile, NarNode } from './event.ts';
import { below, shownPath, systemPath } from './file-path.ts';
import { deepestNesting, isEntryName, isTarget } from './limits.ts';
import { TreeError } from './tree-error.ts';

/** What an archive of a tree will hold, and where its files are to be read. */
export type TreeNode = Exclude<NarNode, NarFile> | TreeFile;

export type TreeFile = NarFile & { readonly path: ByteString };

/**
 * Goes through a tree in the order of archives and follows no symlink. Synchronous: a call to the system takes
 * microseconds, and one that waits for a thread of its own ten times as long.
 */
export function* walkTree(
  path: ByteString,
  name: ByteString = assumeBytes(''),
  depth = 0,
): Generator<TreeNode, void, undefined> {
  const stats = lstatSync(systemPath(path));
  if (stats.isDirectory()) {
    yield* walkDirectory(path, name, depth);
  } else if (stats.isFile()) {
    const executable = (stats.mode & constants.S_IXUSR) !== 0;
    yield { type: 'regular', name, executable, size: stats.size, path };
  } else if (stats.isSymbolicLink()) {
    yield { type: 'symlink', name, target: readTarget(path) };
  } else {
    const reason = 'is neither a file nor a directory nor a symlink';
    throw new TreeError('not-archivable', shownPath(path), reason);
  }
}

function* walkDirectory(
  path: ByteString,
  name: ByteString,
  depth: number,
): Generator<TreeNode, void, undefined> {
  if (depth === deepestNesting)
    throw new TreeError('too-deep', shownPath(path), `is nested deeper than ${deepestNesting}`);
  yield { type: 'directory', name };
  for (const entry of entriesOf(path)) yield* walkTree(below(path, entry), entry, depth + 1);
  yield { type: 'end-directory' };
}

/** Sorted by the bytes of their names, which is how strings of one character a byte compare. */
function entriesOf(path: ByteString): ByteString[] {
  const names = readdirSync(systemPath(path), 'latin1').map(assumeBytes).sort();
  const impossible = names.find((name) => !isEntryName(name));
  if (impossible === undefined) return names;
  const reason = 'has a name that no archive may hold';
  throw new TreeError('not-archivable', shownPath(below(path, impossible)), reason);
}

function readTarget(path: ByteString): ByteString {
  const target = fromBytes(readlinkSync(systemPath(path), 'buffer'));
  if (isTarget(target)) return target;
  const reason = 'leads to where no symlink in an archive may lead';
  throw new TreeError('not-archivable', shownPath(path), reason);
}
