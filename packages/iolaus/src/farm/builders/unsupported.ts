import { failStep } from '../attempts/fail.ts';
import type { FarmState } from '../farm-state.ts';
import type { Queue } from '../queues/queue.ts';
import { servesSystem, supportsFeature } from '../graph/requirement.ts';
import { representative } from '../graph/representative.ts';
import { patienceEnds, watchSupport } from './support.ts';

/** Fails what has waited too long for a builder of its kind. */
export function failUnsupported(farm: FarmState, queue: Queue): void {
  const message = describeLack(farm, queue);
  for (const step of queue.entries.keys()) {
    const at = patienceEnds(farm, queue, step);
    // Those behind it became runnable later still.
    if (at === undefined || at > farm.now) break;
    failStep(farm, step, {
      change: 'unsupported',
      outcome: 'unsupported',
      message,
      hostname: '',
      charged: null,
      propagatedFrom: representative(step),
      startedAt: farm.now,
    });
  }
  watchSupport(farm, queue);
}

/** What no builder offers: the system, or else the features. */
function describeLack(farm: FarmState, { requirement: { system, features } }: Queue): string {
  const serving = [...farm.builders.values()].filter(({ facts }) => servesSystem(facts, system));
  if (serving.length === 0) return `unsupported system type '${system}'`;
  const lacking = features.filter(
    (feature) => !serving.some(({ facts }) => supportsFeature(facts, feature)),
  );
  if (lacking.length > 0) {
    return `no builder for system '${system}' has the features: ${lacking.join(', ')}`;
  }
  const wanted = features.length === 0 ? 'no special features' : features.join(', ');
  return `no builder for system '${system}' takes steps that require just: ${wanted}`;
}
