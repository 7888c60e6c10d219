import type { DerivationPath, PathInfo } from '@iolaus/nix';
import type { AttemptUuid } from './identity.ts';

/** Store objects that go over to the other side. */
export type OutgoingPaths = {
  /** What it is handed over for. */
  readonly attempt?: AttemptUuid;
  /** Dependencies first: the receiver registers them one by one, in this order. */
  readonly infos: readonly PathInfo[];
  /** Exactly `narSize` bytes. Called for one path after the other. */
  nar(info: PathInfo): AsyncIterable<Uint8Array>;
};

/** Takes one store object; `nar` gives exactly `narSize` bytes, and whatever is left of it is read and dropped. */
export type ImportPath = (info: PathInfo, nar: AsyncIterable<Uint8Array>) => Promise<void>;

/** Store objects that come from the other side. Nothing is checked yet but form and size: hashes are the daemon's work. */
export type IncomingPaths = {
  /** What it is handed over for; null from builders that are not ours. */
  readonly attempt: AttemptUuid | null;
  readonly infos: readonly PathInfo[];
  /** To be called once. Rejects if the stream breaks off, is too long, or if an import fails. */
  importEach(importPath: ImportPath): Promise<void>;
};

/** The log of an attempt on its way to the runner. */
export type OutgoingLog = {
  readonly derivation: DerivationPath;
  readonly attempt: AttemptUuid;
  /** Bytes of the log that were sent before: `data` goes on from there. */
  readonly offset: number;
  /** Any pieces; a line ends with \n. */
  readonly data: AsyncIterable<Uint8Array>;
};

/** The log of an attempt as it arrives; the pieces are not lines. */
export type IncomingLog = {
  readonly derivation: DerivationPath;
  /** Null from builders that are not ours. */
  readonly attempt: AttemptUuid | null;
  /** Bytes of the log that came before. */
  readonly offset: number;
  readonly data: AsyncIterable<Uint8Array>;
};
