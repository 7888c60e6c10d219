import type { BuilderFacts } from '../../farm/facts.ts';
import { servesSystem } from '../../farm/graph/requirement.ts';

/** A machine, or several that are alike. */
export type Machine = {
  readonly name: string;
  readonly count: number;
  readonly systems: readonly string[];
  readonly features: readonly string[];
  readonly mandatoryFeatures: readonly string[];
  readonly slots: number;
  readonly speedFactor: number;
  readonly cores: number;
};

/** Each of them as the farm is told of it. */
export function builderFactsOf(machines: readonly Machine[]): BuilderFacts[] {
  return machines.flatMap((machine) =>
    Array.from({ length: machine.count }, (_, index) => ({
      hostname: machine.count === 1 ? machine.name : `${machine.name}-${index + 1}`,
      systems: machine.systems,
      supportedFeatures: machine.features,
      mandatoryFeatures: machine.mandatoryFeatures,
      slots: machine.slots,
      ahead: 0,
      speedFactor: machine.speedFactor,
      cpuCount: machine.cores,
      bogomips: 1,
      buildDirectoryThreshold: 0,
      storeThreshold: 0,
    })),
  );
}

/** Slots that serve a system, each by the speed of its machine. */
export function speedFor(builders: readonly BuilderFacts[], system: string): number {
  return builders
    .filter((builder) => servesSystem(builder, system))
    .reduce((sum, { slots, speedFactor }) => sum + slots * speedFactor, 0);
}
