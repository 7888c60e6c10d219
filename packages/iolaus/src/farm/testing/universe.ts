import type { StepFacts } from '../facts.ts';
import { step } from './scenario.ts';

/** A derivation. Inputs are counted backwards from the derivation itself, so there are no circles. */
export type Blueprint = {
  readonly inputs: readonly number[];
  readonly system: number;
  readonly features: number;
  readonly failedBefore: boolean;
};

export const systems = ['linux', 'darwin', 'builtin'];
export const featureSets = [[], [], [], ['kvm'], ['big', 'kvm']];

/** Everything that could be built, and what of it is there. */
export class Universe {
  readonly all: readonly StepFacts[];
  readonly built = new Set<string>();

  constructor(blueprints: readonly Blueprint[]) {
    this.all = blueprints.map((blueprint, index) => {
      const inputs = blueprint.inputs.map((back) => index - 1 - back).filter((input) => input >= 0);
      const facts = step(`s${index}`, inputs.map((input) => `s${input}`).join(' '), {
        system: pick(systems, blueprint.system),
        requiredFeatures: pick(featureSets, blueprint.features),
        failedBefore: blueprint.failedBefore,
      });
      if (index % 5 === 2) return { ...facts, unfolds: true };
      return index % 7 === 3 ? { ...facts, wishes: { neverRetry: true } } : facts;
    });
  }

  factsOf(derivation: string): StepFacts {
    const facts = this.all[Number(derivation.slice(1))];
    if (facts === undefined) throw new Error(`${derivation} is not of this universe`);
    return facts;
  }

  /** What must be built for these derivations, told as a farm is told it. */
  unfinishedBelow(derivations: readonly string[]): StepFacts[] {
    const below = new Set(derivations.filter((derivation) => !this.built.has(derivation)));
    for (const derivation of below) {
      for (const input of this.factsOf(derivation).inputs) {
        if (!this.built.has(input)) below.add(input);
      }
    }
    return [...below].map((derivation) => this.#unfinishedFacts(derivation));
  }

  #unfinishedFacts(derivation: string): StepFacts {
    const facts = this.factsOf(derivation);
    return { ...facts, inputs: facts.inputs.filter((input) => !this.built.has(input)) };
  }
}

export function pick<Item>(items: readonly Item[], number: number): Item {
  const item = items[number % items.length];
  if (item === undefined) throw new Error('there is nothing to pick from');
  return item;
}
