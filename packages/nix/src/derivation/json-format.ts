/**
 * The JSON of derivations, by the first version of Nix that prints it so.
 * - `2.8`: as old as that, and older
 * - `2.18`: names; wanted outputs of outputs
 * - `2.24`: the method of hashing apart from the algorithm
 * - `2.30`: structured attributes as JSON, too
 * - `2.32`: base names of paths; structured attributes only as JSON ("version 3")
 * - `2.33`: inputs in one object, hashes as SRI, a frame around it all ("version 4")
 */
export type DerivationJsonFormat = (typeof formats)[number];

const formats = ['2.8', '2.18', '2.24', '2.30', '2.32', '2.33'] as const;

/** The format that a version of Nix, such as `2.26.3`, prints. */
export function derivationJsonFormat(nixVersion: string): DerivationJsonFormat {
  return formats.findLast((format) => !isOlder(nixVersion, format)) ?? formats[0];
}

/** Whether a format came before another. */
export function isBefore(format: DerivationJsonFormat, other: DerivationJsonFormat): boolean {
  return formats.indexOf(format) < formats.indexOf(other);
}

function isOlder(version: string, other: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major === otherMajor ? minor < otherMinor : major < otherMajor;
}
