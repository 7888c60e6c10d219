import type { QueueRow } from './queue-rows.ts';

/** What is under way, what is to be next, and what has to wait longest. */
const states: readonly QueueRow['state'][] = [
  ...(['leased', 'runnable', 'backing-off', 'unfolding', 'resolved', 'waiting'] as const),
];

/** As the runner gives them out, as far as what it tells decides that. */
export function orderQueue(rows: readonly QueueRow[]): QueueRow[] {
  const byState = Map.groupBy(rows, ({ state }) => state);
  return states.flatMap((state) => (byState.get(state) ?? []).sort(compare));
}

const compare = (one: QueueRow, other: QueueRow): number =>
  other.globalPriority - one.globalPriority ||
  one.shareUsed - other.shareUsed ||
  other.localPriority - one.localPriority ||
  one.build - other.build;
