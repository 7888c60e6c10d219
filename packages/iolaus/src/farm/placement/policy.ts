import type { Builder } from '../builders/builder.ts';
import { hasDynamicRoom, hasPredictedRoom, hasSlot } from './capacity.ts';
import { isHigherBy, isLessLoaded } from './machine-order.ts';
import { scores } from './score.ts';

/** Hydra's names of its machine orders and of its rules of capacity, and ours. */
export const machineOrders = [
  'SpeedFactorOnly',
  'CpuCoreCountWithSpeedFactor',
  'BogomipsWithSpeedFactor',
  'BestFit',
] as const;
export type MachineOrder = (typeof machineOrders)[number];
export const capacityRules = ['Static', 'Dynamic', 'DynamicWithMaxJobLimit', 'Predicted'] as const;
export type CapacityRule = (typeof capacityRules)[number];

/** How builders are chosen for steps. */
export type PlacementPolicy = {
  readonly order: MachineOrder;
  readonly capacity: CapacityRule;
  /** Of two builders with room, the one to get the next step. */
  comesBefore(one: Builder, other: Builder): boolean;
  /** It takes a step now, as far as its load goes. */
  hasRoom(builder: Builder): boolean;
};

/** Ours, where nothing else is asked for. */
export function placementPolicy(
  order: MachineOrder = 'BestFit',
  capacity: CapacityRule = 'Predicted',
): PlacementPolicy {
  return {
    order,
    capacity,
    comesBefore: order === 'BestFit' ? isLessLoaded : isHigherBy(scores[order]),
    hasRoom: roomBy[capacity],
  };
}

const roomBy: { readonly [Rule in CapacityRule]: (builder: Builder) => boolean } = {
  Static: hasSlot,
  Dynamic: hasDynamicRoom,
  DynamicWithMaxJobLimit: (builder) => hasSlot(builder) && hasDynamicRoom(builder),
  Predicted: hasPredictedRoom,
};
