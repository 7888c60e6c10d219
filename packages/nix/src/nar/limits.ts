import type { ByteString } from '../byte-string.ts';

/** Nix refuses a node below this many directories, so that its own stack suffices. */
export const deepestNesting = 64;

/** What Linux allows, and Nix therefore. */
export const longestNameInBytes = 255;

/** PATH_MAX without its terminating zero. */
export const longestTargetInBytes = 4095;

/** Names that would lead out of their directory, or that no file system can hold. */
const impossibleName = /^\.{0,2}$|[/\0]/;

/** Whether something in a directory may have this name. */
export function isEntryName(name: ByteString): boolean {
  return name.length <= longestNameInBytes && !impossibleName.test(name);
}

/** Whether a symlink may lead there. */
export function isTarget(target: ByteString): boolean {
  return target !== '' && target.length <= longestTargetInBytes && !target.includes('\0');
}
