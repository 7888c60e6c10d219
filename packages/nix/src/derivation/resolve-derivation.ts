import type { ByteString } from '../byte-string.ts';
import { assumeBytes } from '../byte-string.ts';
import { derivationPath, printStorePath } from '../store-path/store-path.ts';
import type { DerivationPath, StoreDirectory, StorePath } from '../store-path/store-path.ts';
import type { Derivation, WantedOutputs } from './derivation.ts';
import { fillOutputPaths } from './fill-output-paths.ts';
import { hashesModulo } from './hash-modulo.ts';
import { makeDerivationPath } from './make-derivation-path.ts';
import { downstreamPlaceholder, dynamicPlaceholder, placeholderPattern } from './placeholder.ts';
import type { Placeholder } from './placeholder.ts';
import { resolveInputs } from './resolve-inputs.ts';
import type { OutputOf } from './resolve-inputs.ts';

/**
 * Whether its inputs have to be built before it is known what it is to build: its texts hold
 * placeholders, or its output paths are unknown. Others take `resolveInputs`.
 */
export function needsResolution(derivation: Derivation): boolean {
  const kinds = [...derivation.outputs.values()].map(({ type }) => type);
  const wanted = [...derivation.inputDerivations.values()];
  return (
    (wanted.length > 0 && kinds.some((type) => type === 'floating' || type === 'impure')) ||
    kinds.includes('deferred') ||
    wanted.some(({ dynamic }) => dynamic.size > 0)
  );
}

/**
 * The derivation that Nix builds in place of one whose inputs were not known at evaluation: paths in
 * place of inputs and of their placeholders. Deferred outputs get their paths. It has a path of its own.
 * @param outputOf where the inputs' outputs were built
 */
export function resolveDerivation(
  directory: StoreDirectory,
  derivation: Derivation,
  outputOf: OutputOf,
): { readonly path: DerivationPath; readonly derivation: Derivation } {
  const basic = resolveInputs(derivation, outputOf);
  const paths = pathsOfPlaceholders(derivation, outputOf);
  const fill = (text: ByteString) => fillPlaceholders(directory, text, paths);
  const resolved = fillDeferredOutputs(directory, {
    ...basic,
    inputDerivations: new Map(),
    builder: fill(basic.builder),
    arguments: basic.arguments.map((argument) => fill(argument)),
    environment: new Map(
      [...basic.environment].map(([name, value]) => [fill(name), fill(value)] as const),
    ),
  });
  return { path: makeDerivationPath(directory, resolved), derivation: resolved };
}

function pathsOfPlaceholders(
  derivation: Derivation,
  outputOf: OutputOf,
): ReadonlyMap<string, StorePath> {
  const paths = new Map<string, StorePath>();
  const add = (
    input: DerivationPath,
    { outputs, dynamic }: WantedOutputs,
    placeholderOf: (output: string) => Placeholder,
  ): void => {
    for (const output of outputs) paths.set(placeholderOf(output), outputOf(input, output));
    for (const [output, wanted] of dynamic) {
      const inner = placeholderOf(output);
      add(derivationPath(outputOf(input, output)), wanted, (name) =>
        dynamicPlaceholder(inner, name),
      );
    }
  };
  for (const [input, wanted] of derivation.inputDerivations)
    add(input, wanted, (output) => downstreamPlaceholder(input, output));
  return paths;
}

function fillPlaceholders(
  directory: StoreDirectory,
  text: ByteString,
  paths: ReadonlyMap<string, StorePath>,
): ByteString {
  const filled = text.replaceAll(placeholderPattern, (found) => {
    const path = paths.get(found);
    return path === undefined ? found : printStorePath(directory, path);
  });
  return assumeBytes(filled);
}

/** Without inputs left, the paths of deferred outputs follow from the rest. */
function fillDeferredOutputs(directory: StoreDirectory, derivation: Derivation): Derivation {
  const deferred = [...derivation.outputs.values()].some(({ type }) => type === 'deferred');
  if (!deferred) return derivation;
  return fillOutputPaths(directory, derivation, hashesModulo(directory, noInput));
}

function noInput(path: DerivationPath): never {
  throw new Error(`${path} is an input of a derivation without inputs`);
}
