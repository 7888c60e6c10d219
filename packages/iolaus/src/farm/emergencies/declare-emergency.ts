import type { Build } from '../graph/build.ts';
import { emergencyKey } from './emergency-priority.ts';
import type { Emergency, EmergencySubject } from './emergency-priority.ts';
import type { FarmState } from '../farm-state.ts';
import { refreshDemand } from '../graph/queue-builds.ts';

/** From now on the build, or all builds of the evaluation, go first; also those that are queued later. */
export function declareEmergency(farm: FarmState, emergency: Emergency): void {
  farm.emergencies.set(emergencyKey(emergency.subject), emergency);
  for (const build of buildsOf(farm, emergency.subject)) refreshDemand(farm, build);
}

/** Its builds are as urgent again as they were asked for. */
export function endEmergency(farm: FarmState, subject: EmergencySubject): void {
  if (!farm.emergencies.delete(emergencyKey(subject))) return;
  farm.effects.push({ type: 'drop-emergency', subject });
  for (const build of buildsOf(farm, subject)) refreshDemand(farm, build);
}

/** Looks through all builds: that is a person's doing, and rare. */
function buildsOf(farm: FarmState, subject: EmergencySubject): Build[] {
  if (subject.type === 'build') {
    const build = farm.builds.get(subject.build);
    return build === undefined ? [] : [build];
  }
  return farm.builds
    .values()
    .filter(({ facts }) => facts.evaluation === subject.evaluation)
    .toArray();
}
