import type { QueueRow } from './queue-rows.ts';

/** What is under way, what is to be next, and what has to wait longest. */
const places: readonly Place[] = [
  ...(['leased', 'ahead', 'runnable', 'backing-off', 'unfolding', 'resolved', 'waiting'] as const),
];

type Place = QueueRow['state'] | 'ahead';

/** As the runner gives them out, as far as what it tells decides that. */
export function orderQueue(rows: readonly QueueRow[]): QueueRow[] {
  const byPlace = Map.groupBy(rows, placeOf);
  return places.flatMap((place) => (byPlace.get(place) ?? []).sort(compare));
}

const placeOf = ({ state, reason }: QueueRow): Place => (reason === 'ahead' ? reason : state);

const compare = (one: QueueRow, other: QueueRow): number =>
  other.globalPriority - one.globalPriority ||
  one.shareUsed - other.shareUsed ||
  other.localPriority - one.localPriority ||
  one.build - other.build;
