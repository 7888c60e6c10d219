import type { FarmSettings } from '../event.ts';
import { ownSteps } from './resolution.ts';
import type { Step } from './step.ts';

export type Limits = { readonly maxSilentSeconds: number; readonly timeoutSeconds: number };

/**
 * The longest that any build above allows itself (Hydra takes the maximum too). A step that is no build's own gets the
 * defaults at least: a dependency must not inherit the short timeout of a test.
 */
export function limitsOf(step: Step, settings: FarmSettings): Limits {
  const isDependency = ownSteps(step)
    .values()
    .every(({ builds }) => builds.size === 0);
  let maxSilentSeconds = isDependency ? settings.maxSilentSeconds : 0;
  let timeoutSeconds = isDependency ? settings.timeoutSeconds : 0;
  for (const demand of step.demands.keys()) {
    maxSilentSeconds = Math.max(
      maxSilentSeconds,
      demand.maxSilentSeconds ?? settings.maxSilentSeconds,
    );
    timeoutSeconds = Math.max(timeoutSeconds, demand.timeoutSeconds ?? settings.timeoutSeconds);
  }
  return { maxSilentSeconds, timeoutSeconds };
}
