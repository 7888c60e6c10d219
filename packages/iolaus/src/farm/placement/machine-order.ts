import type { Builder } from '../builders/builder.ts';
import type { BuilderFacts } from '../facts.ts';
import { isPressed } from './pressure.ts';

/** Hydra's: the best machine until it is full; of equals the one with fewer jobs, which Hydra looks at only at a join. */
export function isHigherBy(
  score: (facts: BuilderFacts) => number,
): (one: Builder, other: Builder) => boolean {
  return (one, other) => {
    const difference = score(other.facts) - score(one.facts);
    if (difference !== 0) return difference < 0;
    const load = one.leases.size - other.leases.size;
    return load === 0 ? one.sequence < other.sequence : load < 0;
  };
}

/**
 * A machine whose processor is not pressed first, then fewest leases for its slots: a free slot anywhere comes before a
 * step taken ahead, and work spreads. Then the faster one, then who joined first.
 */
export function isLessLoaded(one: Builder, other: Builder): boolean {
  const difference = one.leases.size * other.facts.slots - other.leases.size * one.facts.slots;
  const isOnePressed = isPressed(one);
  if (isOnePressed !== isPressed(other)) return !isOnePressed;
  if (difference !== 0) return difference < 0;
  if (one.facts.speedFactor !== other.facts.speedFactor) {
    return one.facts.speedFactor > other.facts.speedFactor;
  }
  return one.sequence < other.sequence;
}
