import type { BuilderId } from '../../farm/identity.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';
import type { Refusals } from '../builders/refusals.ts';
import type { Attempts, LiveAttempt } from './attempts.ts';

/** Whether the caller may be this builder. A call that names no builder tells only from which machine it comes. */
export type SpeaksFor = (builder: BuilderId) => boolean;

/** The attempt that a builder speaks of, if it holds it; undefined for one that is over. @throws CallError */
export function ownAttempt(
  { attempts, refusals }: { readonly attempts: Attempts; readonly refusals: Refusals },
  uuid: AttemptUuid,
  by: BuilderId | undefined,
): LiveAttempt | undefined {
  const live = attempts.byUuid(uuid);
  if (live === undefined) {
    if (attempts.hasEnded(uuid)) return undefined;
    throw refusals.refuse('unknown-attempt', `there is no attempt ${uuid}`);
  }
  insistOnOwner(live, (builder) => builder === by, refusals);
  return live;
}

/** @throws CallError where an attempt is another builder's */
export function insistOnOwner(
  { uuid, builder }: LiveAttempt,
  speaksFor: SpeaksFor,
  refusals: Refusals,
): void {
  if (speaksFor(builder)) return;
  throw refusals.refuse('foreign-attempt', `attempt ${uuid} is another builder's`);
}
