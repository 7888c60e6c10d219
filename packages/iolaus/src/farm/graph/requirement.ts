import type { BuilderFacts, StepFacts } from '../facts.ts';

/** What a builder must be for a step. */
export type Requirement = {
  readonly system: string;
  /** Sorted, each once. */
  readonly features: readonly string[];
};

export function requirementOf({ system, requiredFeatures }: StepFacts): Requirement {
  return { system, features: [...new Set(requiredFeatures)].sort() };
}

/** Equal for equal requirements. */
export function requirementKey({ system, features }: Requirement): string {
  return [system, ...features].join(' ');
}

/**
 * Hydra's rule: all mandatory features of the builder are required, all required ones are supported; a mandatory
 * feature is supported too. Nix's own builders (`builtin`) need no system.
 */
export function canBuild(builder: BuilderFacts, requirement: Requirement): boolean {
  const { system, features } = requirement;
  if (!servesSystem(builder, system)) return false;
  return (
    builder.mandatoryFeatures.every((feature) => features.includes(feature)) &&
    features.every((feature) => supportsFeature(builder, feature))
  );
}

export function servesSystem(builder: BuilderFacts, system: string): boolean {
  return system === 'builtin' || builder.systems.includes(system);
}

export function supportsFeature(builder: BuilderFacts, feature: string): boolean {
  return builder.supportedFeatures.includes(feature) || builder.mandatoryFeatures.includes(feature);
}
