import type { ByteString } from '../byte-string.ts';

/** What stands in an archive besides the contents of files. The root's name is empty. */
export type NarNode =
  /** Its entries come next, in the order of their names. */
  | { readonly type: 'directory'; readonly name: ByteString }
  /** The directory that was begun last has no more entries. */
  | { readonly type: 'end-directory' }
  | { readonly type: 'symlink'; readonly name: ByteString; readonly target: ByteString }
  | NarFile;

/** Its contents come next, in as many pieces as make up its size. */
export type NarFile = {
  readonly type: 'regular';
  readonly name: ByteString;
  readonly executable: boolean;
  /** In bytes. */
  readonly size: number;
};

/** The next bytes of the file that was begun last. */
export type NarContents = { readonly type: 'contents'; readonly bytes: Uint8Array };

/** What an archive holds, in its own order. */
export type NarEvent = NarNode | NarContents;

/** What was found in an archive. */
export type NarReadEvent = Exclude<NarNode, NarFile> | NarReadFile | NarContents;

/** A file that was found in an archive. */
export type NarReadFile = NarFile & {
  /** Of its first byte, counted from the start of the archive. */
  readonly narOffset: number;
};
