import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputPath, parseDerivation, resolveInputs } from '@iolaus/nix';
import type {
  BasicDerivation,
  Derivation,
  DerivationPath,
  StoreDirectory,
  StorePath,
} from '@iolaus/nix';
import { LRUCache } from 'lru-cache';
import { compactOutputs } from '../farm/one-output.ts';

// Output paths are asked for again by every dependent: 100,000 derivations take some 20 MB, and half of nixpkgs fits.
const outputsRemembered = 100_000;
// Whole derivations are wanted twice, when they are queued and when they are sent; most are sent soon or much later.
const derivationsRemembered = 2_000;

export type Outputs = ReadonlyMap<string, StorePath | null>;

/** The store's `.drv` files, parsed. */
export type Derivations = {
  /** Throws where the file is gone or is no derivation. */
  read(path: DerivationPath): Derivation;
  outputs(path: DerivationPath): Outputs;
  /** The derivation as a builder wants it: inputs replaced by the paths of their outputs. */
  resolve(path: DerivationPath): BasicDerivation;
};

/**
 * Reads synchronously: a `.drv` is a few kilobytes that were just written, which takes a twentieth of a millisecond,
 * and a fraction of what a trip through the thread pool costs.
 */
export function openDerivations(directory: StoreDirectory): Derivations {
  const parsed = new LRUCache<DerivationPath, Derivation>({ max: derivationsRemembered });
  const outputsOf = new LRUCache<DerivationPath, Outputs>({ max: outputsRemembered });

  const read = (path: DerivationPath): Derivation => {
    const known = parsed.get(path);
    if (known !== undefined) return known;
    const derivation = parseDerivation(directory, path, readFileSync(join(directory, path)));
    parsed.set(path, derivation);
    outputsOf.set(path, namedPaths(derivation));
    return derivation;
  };

  const outputs = (path: DerivationPath): Outputs => outputsOf.get(path) ?? namedPaths(read(path));

  const resolve = (path: DerivationPath): BasicDerivation =>
    resolveInputs(read(path), (input, output) => {
      const found = outputs(input).get(output);
      if (found === undefined) throw new Error(`${input} has no output ${output}`);
      if (found === null) throw new Error(`the path of output ${output} of ${input} is not known`);
      return found;
    });

  return { read, outputs, resolve };
}

function namedPaths(derivation: Derivation): Outputs {
  return compactOutputs(
    new Map([...derivation.outputs].map(([name, output]) => [name, outputPath(output)])),
  );
}
