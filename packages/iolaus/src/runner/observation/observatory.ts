import { Registry } from 'prom-client';
import type { Clock } from '../../clock/clock.ts';
import { Fleet } from './fleet.ts';
import { Ledger } from './ledger.ts';
import type { Sight } from './sight.ts';
import { openSpreads } from '../http/metrics/spreads.ts';

/** All that only watches the runner at work: nothing that it decides depends on this. */
export type Observatory = {
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly fleet: Fleet;
  /** What can be seen from here, when the rest of the runner is there. */
  look(
    runner: Pick<
      Sight,
      'database' | 'farm' | 'attempts' | 'configuration' | 'substitutes' | 'overflowCopies'
    >,
  ): Sight;
};

export function openObservatory(clock: Clock): Observatory {
  const registry = new Registry();
  const ledger = new Ledger(clock, openSpreads(registry));
  const fleet = new Fleet(clock);
  const startedAt = clock.now();
  return {
    registry,
    ledger,
    fleet,
    look: (runner) => ({ ...runner, clock, ledger, fleet, startedAt }),
  };
}
