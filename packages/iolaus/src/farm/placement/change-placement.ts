import { watchAhead } from '../builders/builder-watch.ts';
import type { FarmState } from '../farm-state.ts';
import { IndexedHeap } from '../queues/heap.ts';
import { refreshOpenings } from '../queues/queue.ts';
import type { PlacementPolicy } from './policy.ts';

/** Builders are chosen in another way from now on. */
export function changePlacement(farm: FarmState, placement: PlacementPolicy): void {
  const { order, capacity } = farm.placement;
  if (placement.order === order && placement.capacity === capacity) return;
  farm.placement = placement;
  for (const builder of farm.builders.values()) {
    builder.placement = placement;
    // What it has been given by other rules it keeps.
    builder.brought = Math.max(builder.brought, builder.leases.size);
    watchAhead(farm, builder);
  }
  for (const queue of farm.queues.values()) {
    queue.openings = new IndexedHeap((one, other) => placement.comesBefore(one, other));
    refreshOpenings(farm, queue);
  }
}
