import { createFarm } from '../farm/farm.ts';

/** A farm whose events and effects are counted, and told of. */
export function countingFarm(
  count: (what: string) => void,
  onApplied: () => void,
): typeof createFarm {
  return (...given) => {
    const farm = createFarm(...given);
    return {
      ...farm,
      apply: (event, now) => {
        const effects = farm.apply(event, now);
        onApplied();
        count(`event: ${event.type}`);
        for (const { type } of effects) count(`effect: ${type}`);
        return effects;
      },
    };
  };
}
