import fc from 'fast-check';
import { assumeBytes, fromBytes, fromUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import type { NarEvent } from '../nar/event.ts';
import { isEntryName, isTarget } from '../nar/limits.ts';
import { sortedEntries } from '../sorted-entries.ts';

/** A tree of files in memory. */
export type FileTree =
  | { readonly type: 'regular'; readonly executable: boolean; readonly bytes: Uint8Array }
  | { readonly type: 'symlink'; readonly target: ByteString }
  | { readonly type: 'directory'; readonly entries: ReadonlyMap<ByteString, FileTree> };

/** Any tree that an archive can hold. */
export const trees = treesOf(fc.uint8Array({ maxLength: 20 }).map(fromBytes));

/** Any tree whose names and targets are UTF-8, which JSON can hold. */
export const textTrees = treesOf(fc.string({ unit: 'binary', maxLength: 12 }).map(fromUtf8));

/** @param texts what names and targets are taken from */
function treesOf(texts: fc.Arbitrary<ByteString>): fc.Arbitrary<FileTree> {
  const names = texts.filter(isEntryName);
  const { tree } = fc.letrec<{ tree: FileTree }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({
        type: fc.constant('regular'),
        executable: fc.boolean(),
        bytes: fc.uint8Array({ maxLength: 40 }),
      }),
      fc.record({ type: fc.constant('symlink'), target: texts.filter(isTarget) }),
      fc.record({
        type: fc.constant('directory'),
        entries: fc
          .array(fc.tuple(names, tie('tree')), { maxLength: 5 })
          .map((entries) => new Map(sortedEntries(entries))),
      }),
    ),
  }));
  return tree;
}

/** What its archive tells. */
export function* eventsOf(tree: FileTree, name = assumeBytes('')): Generator<NarEvent> {
  switch (tree.type) {
    case 'regular':
      yield { type: 'regular', name, executable: tree.executable, size: tree.bytes.length };
      if (tree.bytes.length > 0) yield { type: 'contents', bytes: tree.bytes };
      return;
    case 'symlink':
      yield { type: 'symlink', name, target: tree.target };
      return;
    case 'directory':
      yield { type: 'directory', name };
      for (const [name, entry] of tree.entries) yield* eventsOf(entry, name);
      yield { type: 'end-directory' };
  }
}
