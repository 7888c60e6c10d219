import { derivationPath } from '@iolaus/nix';
import type { DerivationPath } from '@iolaus/nix';

/** A step whose real build time is known. */
export type WorkStep = {
  readonly derivation: DerivationPath;
  readonly system: string;
  readonly requiredFeatures: readonly string[];
  /** On a machine of speed 1. */
  readonly seconds: number;
  /** Steps before this one, by their places in the workload. */
  readonly inputs: readonly number[];
};

/** Builds that were asked for together. */
export type WorkEvaluation = {
  /** Seconds after the beginning. */
  readonly at: number;
  readonly jobset: number;
  /** Their steps, in the order in which Hydra would number the builds. */
  readonly builds: readonly number[];
};

/** What a farm has to do, and when it is told. */
export type Workload = {
  /** Inputs before what uses them. */
  readonly steps: readonly WorkStep[];
  /** The earliest first. */
  readonly evaluations: readonly WorkEvaluation[];
};

/** A path with the place where a hash would be: each is another one. */
export function pathOf(place: number, name: string): DerivationPath {
  return derivationPath(`${String(place).padStart(32, '0')}-${name}.drv`);
}

/** The steps that an evaluation needs, whether built or not, inputs first. */
export function closureOf(workload: Workload, { builds }: WorkEvaluation): number[] {
  const needed = new Uint8Array(workload.steps.length);
  for (const place of builds) needed[place] = 1;
  const closure: number[] = [];
  for (let place = workload.steps.length - 1; place >= 0; place -= 1) {
    if (needed[place] !== 1) continue;
    closure.push(place);
    for (const input of stepAt(workload, place).inputs) needed[input] = 1;
  }
  return closure.reverse();
}

export function stepAt({ steps }: Workload, place: number): WorkStep {
  const step = steps[place];
  if (step === undefined) throw new Error(`a workload has no step ${place}`);
  return step;
}
