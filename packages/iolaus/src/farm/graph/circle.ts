import type { DerivationPath } from '@iolaus/nix';
import type { FarmState } from '../farm-state.ts';
import type { StepFacts } from '../facts.ts';

type Visit = {
  readonly derivation: DerivationPath;
  readonly inputs: Iterator<DerivationPath, unknown>;
};

/**
 * A derivation that would need itself if these steps were taken in; null if there is none. Known steps are in no circle, and
 * none of them needs a new one unless it is told of here: so nothing is looked at but what is told, and what lies below a
 * known step that gets a new input.
 */
export function findCircle(farm: FarmState, told: readonly StepFacts[]): DerivationPath | null {
  const facts = new Map(told.map((step) => [step.derivation, step]));
  const inputsOf = (derivation: DerivationPath): Iterator<DerivationPath, unknown> => {
    const fact = facts.get(derivation);
    const known = farm.steps.get(derivation);
    const below = known?.inputs.values().map((input) => input.facts.derivation) ?? [];
    return [...(fact?.inputs ?? []), ...below].values();
  };
  const gainsInput = ({ derivation, inputs }: StepFacts): boolean => {
    const known = farm.steps.get(derivation);
    return known !== undefined && inputs.some((input) => !hasInput(farm, derivation, input));
  };
  const mayLeadUp = told.some(gainsInput);
  const open = new Set<DerivationPath>();
  const done = new Set<DerivationPath>();
  for (const { derivation } of told) {
    if (done.has(derivation)) continue;
    const path: Visit[] = [{ derivation, inputs: inputsOf(derivation) }];
    open.add(derivation);
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const next = visit.inputs.next();
      if (next.done === true) {
        open.delete(visit.derivation);
        done.add(visit.derivation);
        path.pop();
        continue;
      }
      const input = next.value;
      if (open.has(input)) return input;
      if (done.has(input) || !(facts.has(input) || (mayLeadUp && farm.steps.has(input)))) continue;
      open.add(input);
      path.push({ derivation: input, inputs: inputsOf(input) });
    }
  }
  return null;
}

function hasInput(farm: FarmState, derivation: DerivationPath, input: DerivationPath): boolean {
  const known = farm.steps.get(input);
  return known !== undefined && farm.steps.get(derivation)?.inputs.has(known) === true;
}
