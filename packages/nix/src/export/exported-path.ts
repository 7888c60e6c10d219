import type { StorePath } from '../store-path/store-path.ts';

/** What an export stream says of a path besides its archive. */
export type ExportedPath = {
  readonly path: StorePath;
  /** May include the path itself. */
  readonly references: readonly StorePath[];
  readonly deriver: StorePath | null;
};

/** Before each path; 0 ends the stream. */
export const pathFollows = 1;
/** `NIXE`, behind each archive. */
export const exportMagic = 0x4558494e;
