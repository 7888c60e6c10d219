import { Fault } from '../fault/fault.ts';

/** What a failing file operation means to a person. */
export function faultOfFile(path: string, error: unknown): Fault {
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new Fault('disk-full', `there is no space left for ${path}`, {
        remedy: 'Free some, or put the farm elsewhere with --state-dir.',
        cause: error,
      });
    case 'ENOTDIR':
    case 'EEXIST':
      return new Fault('not-permitted', `${path} cannot be a folder: there is a file in its way`, {
        remedy: 'Name another folder with --state-dir.',
        cause: error,
      });
    default:
      return new Fault('not-permitted', `${path} cannot be written`, {
        remedy: 'Change its owner or mode, or name another folder with --state-dir.',
        cause: error,
      });
  }
}

/** The system's code of an error, such as `ENOENT`; undefined for errors of other kinds. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
