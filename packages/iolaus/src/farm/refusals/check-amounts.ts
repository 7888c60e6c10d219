import type { RetryPlan } from '../attempts/retry-plan.ts';
import type { FarmSettings } from '../event.ts';
import type { AttemptTimes, AttemptUse, BuilderFacts, BuilderHealth } from '../facts.ts';
import type { FarmState } from '../farm-state.ts';
import type { BuilderId, Instant } from '../identity.ts';
import type { Refusal, RefusalReason } from './refusal.ts';

/** A hundred years: whoever says more has not measured. */
const secondsMax = 100 * 366 * 24 * 3600;

export function checkFacts(id: BuilderId, facts: BuilderFacts): Refusal | null {
  return (
    absurd(`slots of ${id}`, facts.slots) ??
    absurd(`steps ahead of ${id}`, facts.ahead) ??
    absurd(`speed of ${id}`, facts.speedFactor)
  );
}

export function checkPlan(farm: FarmState, plan: RetryPlan | undefined): Refusal | null {
  return plan === undefined
    ? null
    : (absurd('number of tries', plan.tries) ??
        absurd('number of losses', plan.losses) ??
        checkWait(farm, 'rest', plan.restsUntil));
}

/** What is over already is no wait. */
export function checkWait({ now }: FarmState, what: string, until: Instant): Refusal | null {
  return absurd(what, Math.max(until - now, 0) / 1000);
}

/** Less than nothing is free where a builder takes nothing more. */
export function checkHealth({
  buildDirectoryFreePercent,
  storeFreePercent,
}: BuilderHealth): Refusal | null {
  return (
    absurd('free part of the build directory', Math.abs(buildDirectoryFreePercent)) ??
    absurd('free part of the store', Math.abs(storeFreePercent))
  );
}

export function checkTimes(times: AttemptTimes): Refusal | null {
  return (
    absurd('import time', times.importMilliseconds / 1000) ??
    absurd('build time', times.buildMilliseconds / 1000) ??
    absurd('upload time', times.uploadMilliseconds / 1000)
  );
}

export function checkUse(use: AttemptUse | undefined): Refusal | null {
  return (
    absurd('processor time', (use?.cpuMilliseconds ?? 0) / 1000) ??
    absurd('peak of memory in gigabytes', (use?.peakMemoryBytes ?? 0) / 1e9)
  );
}

export function checkSettings(settings: FarmSettings): Refusal | null {
  if (!(settings.maxTries >= 1))
    return no('absurd-number', `${settings.maxTries} tries are too few`);
  return (
    absurd('retry interval', settings.retryIntervalSeconds) ??
    absurd('retry back-off', settings.retryBackoff) ??
    absurd('retry jitter', settings.retryJitter ?? 0) ??
    absurd('allowed silence of builders', settings.silentBuilderSeconds ?? 0) ??
    absurd('patience with unsupported steps', settings.maxUnsupportedSeconds) ??
    absurd('allowed silence', settings.maxSilentSeconds) ??
    absurd('allowed time', settings.timeoutSeconds)
  );
}

/** An amount, such as a time in seconds: not negative, and not beyond all sense. */
export function absurd(what: string, value: number): Refusal | null {
  return value >= 0 && value <= secondsMax ? null : cannotBe(what, value);
}

/** A number such as a priority, which may be negative. */
export function absurdInteger(what: string, value: number): Refusal | null {
  return Number.isSafeInteger(value) ? null : cannotBe(what, value);
}

const cannotBe = (what: string, value: number): Refusal =>
  no('absurd-number', `the ${what} cannot be ${value}`);

export function no(reason: RefusalReason, message: string): Refusal {
  return { reason, message };
}
