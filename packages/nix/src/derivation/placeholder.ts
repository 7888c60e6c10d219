import { fromUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import { compressDigest } from '../hash/compress.ts';
import { computeHash } from '../hash/hash.ts';
import { parseNix32, printNix32 } from '../hash/nix32.ts';
import { derivationName, storePathDigest } from '../store-path/store-path.ts';
import type { DerivationPath } from '../store-path/store-path.ts';
import { outputPathName } from './output-path.ts';

/**
 * What stands in the texts of a derivation for a path that only a build can tell: a slash and 52 nix32
 * digits of a SHA-256 hash.
 */
export type Placeholder = ByteString;

const digestSize = 32;
/** As many bytes as the digest of a store path has. */
const compressedSize = 20;

/** All placeholders, and whatever else looks like one. */
export const placeholderPattern = /\/[0-9a-df-np-sv-z]{52}/g;

/** For a derivation's own output, in its own texts. */
export function ownPlaceholder(output: string): Placeholder {
  return placeholderFor(`nix-output:${output}`);
}

/** For the output of a derivation, in the texts of those that use it. */
export function downstreamPlaceholder(derivation: DerivationPath, output: string): Placeholder {
  const name = outputPathName(derivationName(derivation), output);
  return placeholderFor(`nix-upstream-output:${storePathDigest(derivation)}:${name}`);
}

/** For the output of a derivation that is itself an output, for which `derivation` stands. */
export function dynamicPlaceholder(derivation: Placeholder, output: string): Placeholder {
  const hash = parseNix32(derivation.slice(1), digestSize);
  const digits = printNix32(compressDigest(hash, compressedSize));
  return placeholderFor(`nix-computed-output:${digits}:${output}`);
}

function placeholderFor(text: string): Placeholder {
  return fromUtf8(`/${printNix32(computeHash('sha256', text).digest)}`);
}
