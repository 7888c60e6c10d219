import { findNewerNix } from './newer-nix.ts';

/** A Nix to test with. */
export type Age = {
  readonly name: string;
  /** Undefined for the one on the PATH. */
  readonly programs: string | undefined;
};

const newer = await findNewerNix();
if (newer === null)
  console.warn(
    'A newer Nix is left out: it could not be fetched, or may not be (see newer-nix.ts)',
  );

/** The Nix of this machine, and a newer one where that can be had: tests for both go over these. */
export const ages: readonly Age[] = [
  { name: 'the Nix of this machine', programs: undefined },
  ...(newer === null ? [] : [{ name: `Nix ${newer.version}`, programs: newer.folder }]),
];
