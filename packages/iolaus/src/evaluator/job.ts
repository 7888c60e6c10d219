import type { DerivationPath, StorePath } from '@iolaus/nix';

/** What a derivation says of itself for people and for scheduling (`meta`); null where it says nothing. */
export type JobMeta = {
  readonly description: string | null;
  readonly homepage: string | null;
  readonly license: readonly string[];
  readonly maintainers: readonly string[];
  readonly schedulingPriority: number | null;
  readonly maxSilentSeconds: number | null;
  readonly timeoutSeconds: number | null;
  readonly isChannel: boolean;
};

/** A derivation that a file wants built. */
export type Job = {
  /** Dotted attribute path. */
  readonly attribute: string;
  readonly name: string;
  readonly system: string;
  readonly derivation: DerivationPath;
  /** Null where the path is not known before the build. */
  readonly outputs: ReadonlyMap<string, StorePath | null>;
  readonly meta: JobMeta;
};
