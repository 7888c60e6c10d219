import { declareEmergency } from './emergencies/declare-emergency.ts';
import { emergencyKey } from './emergencies/emergency-priority.ts';
import type { Emergency } from './emergencies/emergency-priority.ts';
import type { FarmState } from './farm-state.ts';
import { applyHold } from './builders/host-hold.ts';
import type { HostHold } from './builders/host-hold.ts';

/** What people have asked for until they say otherwise. */
export type StandingOrders = {
  readonly emergencies: readonly Emergency[];
  /** By host name. */
  readonly holds: ReadonlyMap<string, HostHold>;
};

/** They were given to an earlier farm. */
export function rememberOrders(farm: FarmState, { emergencies, holds }: StandingOrders): void {
  for (const emergency of emergencies) declareEmergency(farm, emergency);
  for (const [hostname, hold] of holds) applyHold(farm, hostname, hold);
}

/** Everything that is queued is known now: of what is not among it there is no emergency any more. */
export function dropPastEmergencies(farm: FarmState): void {
  if (farm.emergencies.size === 0) return;
  const present = new Set(
    farm.builds
      .values()
      .flatMap(({ facts }) => [`build ${facts.id}`, `evaluation ${facts.evaluation}`]),
  );
  for (const { subject } of farm.emergencies.values()) {
    if (present.has(emergencyKey(subject))) continue;
    farm.emergencies.delete(emergencyKey(subject));
    farm.effects.push({ type: 'drop-emergency', subject });
  }
}
