import type { Builder } from './builders/builder.ts';
import { endPause } from './builders/builder-fault.ts';
import { lookForSilence } from './builders/dismiss.ts';
import { watchBuilder } from './builders/builder-watch.ts';
import type { FarmState } from './farm-state.ts';
import type { Instant } from './identity.ts';
import { countRefusal } from './refusals/refusal.ts';
import { leaveBuilder } from './builders/membership.ts';
import { endBackOff } from './attempts/retry.ts';
import { lookForStall } from './builders/turnover.ts';
import { failUnsupported } from './builders/unsupported.ts';

/** A clock that was set back stands still for the farm until it has caught up. */
export function moveTime(farm: FarmState, now: Instant): void {
  if (now >= farm.now) farm.now = now;
  else countRefusal(farm, 'clock-went-back');
}

/** Everything that is due happens, whatever the event was. */
export function handleDue(farm: FarmState): void {
  for (
    let subject = farm.deadlines.takeDue(farm.now);
    subject !== undefined;
    subject = farm.deadlines.takeDue(farm.now)
  ) {
    switch (subject.type) {
      case 'step':
        endBackOff(farm, subject);
        break;
      case 'builder':
        handleBuilderDue(farm, subject);
        break;
      case 'queue':
        failUnsupported(farm, subject);
    }
  }
}

function handleBuilderDue(farm: FarmState, builder: Builder): void {
  const { pausedUntil, lookAt, awayUntil, listenAt } = builder;
  if (awayUntil !== undefined && awayUntil <= farm.now) {
    leaveBuilder(farm, builder.id);
    return;
  }
  if (pausedUntil !== undefined && pausedUntil <= farm.now) endPause(farm, builder);
  if (lookAt !== undefined && lookAt <= farm.now) lookForStall(farm, builder);
  if (listenAt !== undefined && listenAt <= farm.now) lookForSilence(farm, builder);
  if (farm.builders.get(builder.id) === builder) watchBuilder(farm, builder);
}

/** Asks to be woken when something will be due, if the shell does not know yet. */
export function wishToWake(farm: FarmState): void {
  const earliest = farm.deadlines.earliest();
  if (earliest === undefined || earliest === farm.wish) return;
  farm.wish = earliest;
  farm.effects.push({ type: 'wake-at', at: earliest });
}
