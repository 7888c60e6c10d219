import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDerivation, resolveDerivation, resolveInputs } from '@iolaus/nix';
import type {
  BasicDerivation,
  Derivation,
  DerivationPath,
  OutputOf,
  StoreDirectory,
  StorePath,
} from '@iolaus/nix';
import { LRUCache } from 'lru-cache';
import type { Realised } from '../resolution/realised.ts';
import { derivationFacts, namedPaths } from './derivation-facts.ts';
import type { DerivationFacts } from './derivation-facts.ts';

// Output paths are asked for again by every dependent: 100,000 derivations take some 20 MB, and half of nixpkgs fits.
const outputsRemembered = 100_000;
// Whole derivations are wanted twice, when they are queued and when they are sent; most are sent soon or much later.
const derivationsRemembered = 2_000;

export type Outputs = ReadonlyMap<string, StorePath | null>;

/** The store's `.drv` files, parsed. */
export type Derivations = {
  /** Throws where the file is gone or is no derivation. */
  read(path: DerivationPath): Derivation;
  /** What the farm has to know of it. Throws likewise. */
  facts(path: DerivationPath): DerivationFacts;
  /** All that is queued is known: nobody will ask for what is left of what was kept. */
  dropKept(): void;
  /** Null where the path is not known. */
  outputs(path: DerivationPath): Outputs;
  /** The paths of all its outputs are known without building it. */
  isNamed(path: DerivationPath): boolean;
  /** The derivation as a builder wants it: inputs replaced by the paths of their outputs. */
  resolve(path: DerivationPath): BasicDerivation;
};

/** What was read before anybody asked for it, by a runner that stood by. */
export type KeptFacts = Map<DerivationPath, DerivationFacts>;

/**
 * Reads synchronously: a `.drv` is a few kilobytes that were just written, which takes a twentieth of a millisecond,
 * and a fraction of what a trip through the thread pool costs.
 */
export function openDerivations(
  directory: StoreDirectory,
  realised: Realised,
  kept: KeptFacts,
): Derivations {
  return rememberDerivations(directory, { realised, kept }, (path) =>
    parseDerivation(directory, path, readFileSync(join(directory, path))),
  );
}

/** Of any store that has its derivations at hand. */
export function rememberDerivations(
  directory: StoreDirectory,
  { realised, kept }: { readonly realised: Realised; readonly kept: KeptFacts },
  readAnew: (path: DerivationPath) => Derivation,
): Derivations {
  const parsed = new LRUCache<DerivationPath, Derivation>({ max: derivationsRemembered });
  const namedOutputs = new LRUCache<DerivationPath, Outputs>({ max: outputsRemembered });

  const read = (path: DerivationPath): Derivation => {
    const known = parsed.get(path);
    if (known !== undefined) return known;
    const derivation = readAnew(path);
    parsed.set(path, derivation);
    namedOutputs.set(path, namedPaths(derivation));
    return derivation;
  };

  const facts = (path: DerivationPath): DerivationFacts => {
    const known = kept.get(path);
    if (known === undefined) return derivationFacts(path, read(path));
    // From now on the farm has them.
    kept.delete(path);
    namedOutputs.set(path, known.outputs);
    return known;
  };

  const named = (path: DerivationPath): Outputs => namedOutputs.get(path) ?? namedPaths(read(path));

  const outputs = (path: DerivationPath): Outputs => {
    const own = named(path);
    const found = isNamed(own) ? undefined : realised.outputs(path);
    if (found === undefined) return own;
    return new Map([...own].map(([name, known]) => [name, known ?? found.get(name) ?? null]));
  };

  const outputOf: OutputOf = (input, output) => outputOrThrow(outputs(input), input, output);

  const resolve = (path: DerivationPath): BasicDerivation => {
    const derivation = read(path);
    if ([...derivation.inputDerivations.keys()].every((input) => isNamed(named(input)))) {
      return resolveInputs(derivation, outputOf);
    }
    // A fixed output: its path is known, but what it is fetched with is named by placeholders.
    const { inputDerivations: _, ...basic } = resolveDerivation(
      directory,
      derivation,
      outputOf,
    ).derivation;
    return basic;
  };

  return {
    read,
    facts,
    dropKept: () => kept.clear(),
    outputs,
    isNamed: (path) => isNamed(named(path)),
    resolve,
  };
}

/** Throws where the derivation has no such output, or its path is not known. */
export function outputOrThrow(outputs: Outputs, input: DerivationPath, output: string): StorePath {
  const found = outputs.get(output);
  if (found === undefined) throw new Error(`${input} has no output ${output}`);
  if (found === null) throw new Error(`the path of output ${output} of ${input} is not known`);
  return found;
}

const isNamed = (outputs: Outputs): boolean => outputs.values().every((path) => path !== null);
