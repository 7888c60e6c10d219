/**
 * - `changed`: a file was not as long as it had said when it was opened
 * - `not-archivable`: neither a file nor a directory nor a symlink, or a name or target that no archive may hold
 * - `too-deep`: nested deeper than Nix would read
 * - `exists`: something is already where an archive should be unpacked
 * - `missing`: an archive holds nothing of that path
 * - `not-a-file`: an archive holds something else than a file there
 */
export type TreeErrorKind =
  | 'changed'
  | 'not-archivable'
  | 'too-deep'
  | 'exists'
  | 'missing'
  | 'not-a-file';

/** Nothing is wrong with an archive, but with a tree of files, or with what was asked for. */
export class TreeError extends Error {
  override readonly name = 'TreeError';
  readonly kind: TreeErrorKind;
  /** In the file system or in the archive, with U+FFFD for what is not UTF-8. */
  readonly path: string;

  constructor(kind: TreeErrorKind, path: string, reason: string, options: ErrorOptions = {}) {
    super(`${path} ${reason}`, options);
    this.kind = kind;
    this.path = path;
  }
}
