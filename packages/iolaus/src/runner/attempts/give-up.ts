import type { Clock } from '../../clock/clock.ts';
import type { AttemptFailure } from '../../farm/outcome.ts';
import type { Builders } from '../builders/builders.ts';
import type { Decisions } from '../records/decisions.ts';
import type { LiveAttempt } from './attempts.ts';

/** Ends an attempt that its builder should have ended itself, and tells the builder so. */
export type GiveUp = (live: LiveAttempt, failure: AttemptFailure, message: string) => void;

export function openGiveUp(options: {
  readonly clock: Clock;
  /** Handed in late: logs and limits come before them. */
  readonly decisions: () => Pick<Decisions, 'submit'>;
  readonly builders: () => Pick<Builders, 'send'>;
}): GiveUp {
  const { clock, decisions, builders } = options;
  return ({ attempt, builder, uuid, buildingSince }, failure, message) => {
    const now = clock.now();
    const buildMilliseconds = now - (buildingSince ?? now);
    const times = { importMilliseconds: 0, buildMilliseconds, uploadMilliseconds: 0 };
    decisions()
      .submit({ type: 'attempt-failed', attempt, failure, message, times })
      .catch(() => {});
    builders()
      .send(builder, { type: 'abort', attempt: uuid })
      .catch(() => {});
  };
}
