/** What a builder says before it opens its tunnel. */
export type VersionCheck = {
  readonly version: string;
  readonly machine: string;
  readonly hostname: string;
  readonly storeDirectory: string;
};

export type VersionVerdict = 'compatible' | 'other-version' | 'other-store';
