import { createFarm } from '../../packages/iolaus/src/farm/farm.ts';
import type { Farm } from '../../packages/iolaus/src/farm/farm.ts';
import type { FarmEffect } from '../../packages/iolaus/src/farm/effect.ts';
import type { FarmEvent, FarmSettings } from '../../packages/iolaus/src/farm/event.ts';
import type { BuilderFacts } from '../../packages/iolaus/src/farm/facts.ts';
import { builderId, instant } from '../../packages/iolaus/src/farm/identity.ts';
import type { AttemptNumber } from '../../packages/iolaus/src/farm/identity.ts';
import { builderFactsOf } from '../../packages/iolaus/src/simulator/replay/machine.ts';
import { emptyResult } from '../../packages/iolaus/src/simulator/replay/told.ts';

/** Hydra's defaults. */
export const farmSettings: FarmSettings = {
  maxTries: 5,
  retryIntervalSeconds: 60,
  retryBackoff: 3,
  maxUnsupportedSeconds: 3600,
  maxSilentSeconds: 3600,
  timeoutSeconds: 36_000,
};

const healthy = { buildDirectoryFreePercent: 100, storeFreePercent: 100 };

/** Machines that build everything. */
export function ableMachines(
  count: number,
  slots: number,
  kinds: { readonly systems: readonly string[]; readonly features: readonly string[] },
): BuilderFacts[] {
  const machine = {
    name: 'machine',
    count,
    slots,
    mandatoryFeatures: [],
    speedFactor: 1,
    cores: 8,
  };
  return builderFactsOf([{ ...machine, ...kinds }]);
}

/** A farm with a clock, and what it has given out. */
export class Scene {
  readonly farm: Farm = createFarm(farmSettings);
  readonly live: AttemptNumber[] = [];
  readonly result = emptyResult;
  #now = 0;

  apply(event: FarmEvent): readonly FarmEffect[] {
    this.#now += 1;
    const effects = this.farm.apply(event, instant(this.#now));
    for (const effect of effects) {
      if (effect.type === 'start-attempt') this.live.push(effect.attempt);
    }
    return effects;
  }

  join(builders: readonly BuilderFacts[]): void {
    for (const [index, facts] of builders.entries()) {
      const builder = builderId(String(index));
      this.apply({ type: 'builder-joined', builder, facts });
      this.apply({ type: 'builder-pinged', builder, health: healthy });
    }
  }

  /** The attempt that has been under way the longest ends. */
  finishOldest(): readonly FarmEffect[] {
    const attempt = this.live.shift();
    if (attempt === undefined) throw new Error('nothing is being built');
    const times = { importMilliseconds: 1, buildMilliseconds: 1, uploadMilliseconds: 1 };
    return this.apply({ type: 'attempt-succeeded', attempt, result: this.result, times });
  }
}
