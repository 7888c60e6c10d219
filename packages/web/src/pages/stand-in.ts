import type { BuildDetail, Step } from '../api/v2.ts';
import { hasEnded } from '../status/words.ts';

// Builds that somebody or the farm itself ended, or that failed of another step: what others did is not their story.
const endedOtherwise: ReadonlySet<BuildDetail['status']> = new Set([
  'aborted',
  'cancelled',
  'dependency-failed',
]);

/** The step of another build that does the work of this one, or that made its result; null if there is none. */
export function standInOf({ standIn, status }: BuildDetail): Step | null {
  if (standIn === null || endedOtherwise.has(status)) return null;
  // An attempt of long ago says nothing of a build that waits for its turn.
  return standIn.status === 'running' || hasEnded(status) ? standIn : null;
}
