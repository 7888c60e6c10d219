import { attemptNumber } from '../../identity.ts';
import type { AttemptFailure } from '../../outcome.ts';
import type { LiveAttempt } from '../observer.ts';
import { resultOf, times } from '../scenario.ts';
import { pick } from '../universe.ts';
import type { Stage } from './stage.ts';

const failures: readonly AttemptFailure[] = [
  'build-failed',
  'transiently-failed',
  'timed-out',
  'preparing-failed',
  'import-failed',
  'upload-failed',
  'post-processing-failed',
];

// What builders say of attempts, rightly or not.

export function reportAttempt(stage: Stage): void {
  const attempts = [...stage.observer.live.values()];
  const live = attempts[stage.dice(Math.max(attempts.length, 1))];
  if (live === undefined) return;
  const { attempt } = live;
  const kind = stage.dice(10);
  if (kind < 6) {
    succeedAttempt(stage, live);
  } else if (kind === 6) {
    const result = resultOf({ outputs: new Map() });
    stage.observer.apply({ type: 'attempt-succeeded', attempt, result, times });
  } else if (kind === 7) {
    stage.observer.apply({ type: 'attempt-begun', attempt });
    stage.observer.apply({ type: 'dispatch-failed', attempt, message: 'it cannot be read' });
  } else if (kind === 8) {
    stage.observer.apply({ type: 'attempt-undelivered', attempt });
  } else {
    const failure = pick(failures, stage.dice(failures.length));
    stage.observer.apply({ type: 'attempt-failed', attempt, failure, message: 'no', times });
  }
}

export function succeedAttempt(stage: Stage, { attempt, step: facts }: LiveAttempt): void {
  if (!stage.observer.live.has(attempt)) return;
  stage.universe.built.add(facts.derivation.replace(/^r/, 's'));
  stage.observer.apply({ type: 'attempt-succeeded', attempt, result: resultOf(facts), times });
}

/** About an attempt that is over, or never was. */
export function reportLate(stage: Stage): void {
  const attempt = attemptNumber(stage.dice(200));
  if (stage.observer.live.has(attempt)) return;
  const result = resultOf(pick(stage.universe.all, 0));
  stage.observer.apply({ type: 'attempt-succeeded', attempt, result, times });
}
