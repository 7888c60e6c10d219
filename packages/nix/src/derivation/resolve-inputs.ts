import { derivationPath } from '../store-path/store-path.ts';
import type { DerivationPath, StorePath } from '../store-path/store-path.ts';
import type { BasicDerivation, Derivation, WantedOutputs } from './derivation.ts';

/** Where an output of an input lies. */
export type OutputOf = (input: DerivationPath, output: string) => StorePath;

/**
 * What to build an input-addressed or fixed derivation from: its inputs replaced by concrete paths,
 * everything else as it was ("forced resolution"). Its output paths then no longer follow from what
 * is sent, which a daemon accepts from trusted users. Texts are not searched for placeholders, so
 * inputs whose paths were unknown at evaluation are not for this.
 */
export function resolveInputs(derivation: Derivation, outputOf: OutputOf): BasicDerivation {
  const { inputDerivations, ...basic } = derivation;
  const sources = new Set(derivation.inputSources);
  for (const [input, wanted] of inputDerivations) addOutputs(sources, input, wanted, outputOf);
  return { ...basic, inputSources: [...sources].sort() };
}

function addOutputs(
  paths: Set<StorePath>,
  input: DerivationPath,
  wanted: WantedOutputs,
  outputOf: OutputOf,
): void {
  for (const output of wanted.outputs) paths.add(outputOf(input, output));
  for (const [output, ofOutput] of wanted.dynamic)
    addOutputs(paths, derivationPath(outputOf(input, output)), ofOutput, outputOf);
}
