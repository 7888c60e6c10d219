import type { Notification } from '../../database/notify.ts';
import type { Effect, FarmEffect } from '../../farm/effect.ts';
import type { AttemptNumber } from '../../farm/identity.ts';
import { logFilePath } from '../logs/log-files.ts';

/** What became of attempts, in the order in which it did: a step begins after those that it needs have ended. */
export function tellSteps(
  effects: readonly FarmEffect[],
  stepNumberOf: (attempt: AttemptNumber) => number,
  logDirectory: string,
): Notification[] {
  return effects.flatMap((effect): Notification[] => {
    if (effect.type === 'start-attempt') return tellStart(effect, stepNumberOf(effect.attempt));
    if (effect.type !== 'finish-attempt') return [];
    const { build, attempt, derivation } = effect;
    const log = logFilePath(logDirectory, derivation);
    return [{ channel: 'step_finished', payload: `${build}\t${stepNumberOf(attempt)}\t${log}` }];
  });
}

/** Hydra's plugins want to hear that a build starts when its own derivation does, not the first that it needs. */
function tellStart({ build, isOwn }: Effect<'start-attempt'>, stepNumber: number): Notification[] {
  const step: Notification = { channel: 'step_started', payload: `${build}\t${stepNumber}` };
  return isOwn ? [step, { channel: 'build_started', payload: String(build) }] : [step];
}
