import type { StoreDirectory } from '@iolaus/nix';
import { spokenVersions } from '../version.ts';

/** What a builder says before it opens its tunnel. Not checked for form. */
export type VersionCheck = {
  readonly version: string;
  readonly machine: string;
  readonly hostname: string;
  readonly storeDirectory: string;
};

export type VersionVerdict = 'compatible' | 'other-version' | 'other-store';

/** Versions are compared first: whoever speaks another dialect may not send the store. */
export function judgeVersion(check: VersionCheck, directory: StoreDirectory): VersionVerdict {
  if (!spokenVersions.has(check.version)) return 'other-version';
  return check.storeDirectory === directory ? 'compatible' : 'other-store';
}
