import { DaemonError } from './daemon-error.ts';

/** A version of the daemon's protocol. It decides every layout; the major number is always 1. */
export type ProtocolVersion = { readonly major: number; readonly minor: number };

/** What both sides agreed on in the handshake. */
export type Protocol = {
  readonly version: ProtocolVersion;
  /** Negotiated from 1.38 on. */
  readonly features: ReadonlySet<string>;
};

/** Nix 2.24. Whatever came later is a feature. */
export const newestVersion: ProtocolVersion = { major: 1, minor: 38 };

/** Nix 2.1. Before it, archives were sent in a way that is not spoken here. */
export const oldestVersion: ProtocolVersion = { major: 1, minor: 21 };

/** Realisations are keyed by derivation path and not by a hash; without it, daemons since 2.35 keep them to themselves. */
export const realisationsByPath = 'realisation-with-path-not-hash';

/** What garbage collection deletes may include what refers to it. */
export const deleteReferrers = 'delete-dead-specific-referrers';

/** The features that are spoken here. */
export const knownFeatures: readonly string[] = [realisationsByPath, deleteReferrers];

/** Minor versions with which a layout or an operation changed. */
export const since = {
  substitutesByContent: 22,
  derivationOutputMap: 22,
  framedArchives: 23,
  framedAddToStore: 25,
  structuredErrors: 26,
  substituteValidPaths: 27,
  realisations: 27,
  builtOutputs: 28,
  buildTimes: 29,
  derivedPaths: 30,
  realisationsAsJson: 31,
  addMultiple: 32,
  daemonVersion: 33,
  buildResults: 34,
  trust: 35,
  permanentRoots: 36,
  processorTimes: 37,
  features: 38,
} as const;

/** Whether the negotiated version has what came with `minor`. */
export function speaks(protocol: Protocol, minor: number): boolean {
  return protocol.version.minor >= minor;
}

export function encodeVersion({ major, minor }: ProtocolVersion): number {
  return (major << 8) | minor;
}

/**
 * The version both sides speak.
 * @throws DaemonError (`refused`) if there is none
 */
export function negotiateVersion(ours: ProtocolVersion, encoded: number): ProtocolVersion {
  const theirs = { major: encoded >> 8, minor: encoded & 0xff };
  const minor = Math.min(ours.minor, theirs.minor);
  if (theirs.major !== ours.major || minor < oldestVersion.minor)
    throw new DaemonError(
      'refused',
      `The daemon speaks protocol ${print(theirs)}; ${print(oldestVersion)} to ${print(newestVersion)} are understood here`,
    );
  return { major: ours.major, minor };
}

function print({ major, minor }: ProtocolVersion): string {
  return `${major}.${minor}`;
}
