import { NixFormatError } from '../format-error.ts';
import { computeHash, printHash } from '../hash/hash.ts';
import type { Hash } from '../hash/hash.ts';
import type { DerivationPath, StoreDirectory } from '../store-path/store-path.ts';
import type { Derivation } from './derivation.ts';
import { printOutputFields } from './output-fields.ts';
import { printMaskedTerm, printTerm } from './print-derivation.ts';
import type { TermInput } from './print-derivation.ts';

/**
 * The hash of a derivation that does not change with how its fixed inputs are fetched: in it, inputs are
 * named by their own such hashes, and what is fixed only by what it contains.
 */
export type HashModulo = {
  readonly hash: Hash;
  /** Something it needs is known only when built, so that no output path follows from this hash. */
  readonly deferred: boolean;
};

/** Hashes modulo, each computed once. */
export type HashesModulo = {
  /** As users of the derivation see it. */
  of(path: DerivationPath): HashModulo;
  /**
   * With its own output paths left out: what these follow from, and, up to Nix 2.34, what names its
   * realisations. The derivation need not be stored, but its inputs must be readable.
   */
  masked(derivation: Derivation): HashModulo;
};

/**
 * @param read gives any derivation that is reached
 * @throws NixFormatError (its methods) where derivations need each other in a circle
 */
export function hashesModulo(
  directory: StoreDirectory,
  read: (path: DerivationPath) => Derivation,
): HashesModulo {
  const known = new Map<DerivationPath, HashModulo>();

  function of(path: DerivationPath): HashModulo {
    for (const { path: next, derivation } of unknownInOrder(path, read, known))
      known.set(next, hashOf(derivation, printTerm));
    return known.get(path) ?? hashOf(read(path), printTerm);
  }

  function hashOf(derivation: Derivation, print: typeof printTerm): HashModulo {
    const fixed = fixedHash(directory, derivation);
    if (fixed !== null) return { hash: fixed, deferred: false };
    const inputs = [...derivation.inputDerivations].map(([path, wanted]) => ({
      ...of(path),
      wanted,
    }));
    const byHash = new Map<string, Set<string>>();
    for (const { hash, wanted } of inputs) {
      if (wanted.outputs.length === 0) continue;
      const key = printHash(hash, 'base16');
      byHash.set(key, new Set([...(byHash.get(key) ?? []), ...wanted.outputs]));
    }
    const terms: TermInput[] = [...byHash].map(([name, outputs]) => [
      name,
      { outputs: [...outputs], dynamic: new Map() },
    ]);
    return {
      hash: computeHash('sha256', print(directory, derivation, terms)),
      deferred:
        inputs.some(({ deferred, wanted }) => deferred || wanted.dynamic.size > 0) ||
        [...derivation.outputs.values()].some(
          ({ type }) => type === 'floating' || type === 'impure',
        ),
    };
  }

  return { of, masked: (derivation) => hashOf(derivation, printMaskedTerm) };
}

/** What a fixed output is known by: how it is hashed, its hash, and its path. */
function fixedHash(directory: StoreDirectory, derivation: Derivation): Hash | null {
  const output = derivation.outputs.get('out');
  if (output?.type !== 'fixed') return null;
  const { hashAlgorithm, hash, path } = printOutputFields(directory, output);
  return computeHash('sha256', `fixed:out:${hashAlgorithm}:${hash}:${path}`);
}

type Visit = { readonly path: DerivationPath; readonly derivation: Derivation };

/**
 * What is not known yet of `root` and all that it needs, inputs first. Without recursion: chains of
 * derivations can be longer than the call stack.
 */
function* unknownInOrder(
  root: DerivationPath,
  read: (path: DerivationPath) => Derivation,
  known: ReadonlyMap<DerivationPath, unknown>,
): Generator<Visit> {
  if (known.has(root)) return;
  const open = new Set([root]);
  const stack = [visit(root, read)];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top.inputs.pop();
    if (next !== undefined && known.has(next)) continue;
    if (next === undefined) {
      stack.pop();
      open.delete(top.path);
      yield top;
    } else if (open.has(next)) {
      throw new NixFormatError(`${next} needs itself: ${[...open, next].join(' needs ')}`);
    } else {
      open.add(next);
      stack.push(visit(next, read));
    }
  }
}

function visit(path: DerivationPath, read: (path: DerivationPath) => Derivation) {
  const derivation = read(path);
  // A fixed output is known by itself; what it is fetched with does not matter.
  const fixed = [...derivation.outputs.values()].some(({ type }) => type === 'fixed');
  return { path, derivation, inputs: fixed ? [] : [...derivation.inputDerivations.keys()] };
}
