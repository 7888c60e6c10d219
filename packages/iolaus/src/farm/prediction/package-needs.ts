import type { FarmState } from '../farm-state.ts';
import type { Step } from '../graph/step.ts';
import type { Estimate } from './estimate.ts';
import { historyOf } from './prediction.ts';

/** What is known of the cores and the memory of a package's builds, for a farm that follows this one. */
export type PackageNeeds = {
  /** Its name without a version. */
  readonly package: string;
  readonly system: string;
  readonly cores: Estimate | null;
  readonly memory: Estimate | null;
};

/** Has it recorded. */
export function keepNeeds(farm: FarmState, { history }: Step): void {
  const { family, system, cores = null, memory = null } = history;
  farm.effects.push({
    type: 'keep-needs',
    needs: { package: family.name, system, cores, memory },
  });
}

/** What an earlier farm had learned counts as if this one had. */
export function takeNeeds(farm: FarmState, all: readonly PackageNeeds[]): void {
  for (const { package: name, system, cores, memory } of all) {
    const history = historyOf(farm.predictions, name, system);
    history.cores = cores ?? undefined;
    history.memory = memory ?? undefined;
  }
}
