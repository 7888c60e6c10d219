import type { BasicDerivation, DerivationPath } from '@iolaus/nix';
import type { AttemptUuid } from './identity.ts';

/** What a runner wants built. */
export type BuildOrder = {
  readonly attempt: AttemptUuid;
  /** Grows with every dispatch: a higher number fences off the lower ones. 0 from runners that are not ours. */
  readonly fence: number;
  /** Names the log; nobody needs to have it in the store. */
  readonly derivationPath: DerivationPath;
  /** Its inputs are store paths only. */
  readonly derivation: BasicDerivation;
  readonly maxLogBytes: number;
  /** 0: no limit. */
  readonly maxSilentSeconds: number;
  readonly timeoutSeconds: number;
  /** Of each output's NAR; 0: no limit. */
  readonly maxOutputBytes: number;
  /** Set: the builder uploads to the binary cache itself, instead of handing the outputs to the runner. */
  readonly presignedUpload: { readonly debugInfo: boolean } | null;
};
