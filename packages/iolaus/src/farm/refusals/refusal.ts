import type { FarmState } from '../farm-state.ts';

/** Why an event is not taken in. */
export type RefusalReason =
  /** A derivation would need itself. */
  | 'circle'
  | 'no-system'
  /** Empty, or with a space in it: no builder can offer that. */
  | 'malformed-feature'
  /** Negative, not a number, or beyond all sense. */
  | 'absurd-number'
  /** The same id for something else. */
  | 'id-reused'
  | 'unknown-build'
  | 'unknown-evaluation'
  | 'unknown-step'
  | 'unknown-builder'
  /** Its number was never given out. */
  | 'unknown-attempt'
  /** It was given out, and has ended: somebody was late. */
  | 'attempt-over'
  /** The event counts; the time that it came with does not. */
  | 'clock-went-back';

export type Refusal = {
  readonly reason: RefusalReason;
  /** What was wrong with what. */
  readonly message: string;
};

/** Counts it and tells the shell; nothing else changes. */
export function refuse(farm: FarmState, refusal: Refusal): void {
  const { reason } = refusal;
  farm.refusals.set(reason, (farm.refusals.get(reason) ?? 0) + 1);
  farm.effects.push({ type: 'refuse', ...refusal });
}

/** The event is taken in without it: too common to be told, but counted. */
export function countRefusal(farm: FarmState, reason: RefusalReason): void {
  farm.refusals.set(reason, (farm.refusals.get(reason) ?? 0) + 1);
}
