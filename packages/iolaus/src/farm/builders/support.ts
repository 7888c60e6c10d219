import type { FarmState } from '../farm-state.ts';
import { instant } from '../identity.ts';
import type { Instant } from '../identity.ts';
import type { Queue } from '../queues/queue.ts';
import type { Step } from '../graph/step.ts';

/** Sees to it that somebody looks when the patience with the queue's longest runnable step ends. */
export function watchSupport(farm: FarmState, queue: Queue): void {
  const [first] = queue.entries.keys();
  const at = first === undefined ? undefined : patienceEnds(farm, queue, first);
  if (at === undefined) farm.deadlines.clear(queue);
  else farm.deadlines.set(queue, at);
}

/** Until when a runnable step waits for a capable builder to join; undefined while there is one. */
export function patienceEnds(farm: FarmState, queue: Queue, step: Step): Instant | undefined {
  if (queue.unsupportedSince === undefined || step.state.type !== 'runnable') return undefined;
  const since = Math.max(queue.unsupportedSince, step.state.since);
  return instant(since + 1000 * farm.settings.maxUnsupportedSeconds);
}
