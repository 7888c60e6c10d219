import type { Effect, FarmEffect } from '../../farm/effect.ts';
import type { AttemptNumber } from '../../farm/identity.ts';
import type { Attempts } from '../attempts/attempts.ts';
import type { Builders } from '../builders/builders.ts';
import type { Deeds } from './decisions.ts';
import type { Dispatch } from '../attempts/dispatch.ts';
import type { Logs } from '../logs/logs.ts';
import type { Queue } from '../ingest/queue.ts';
import type { Records } from './records.ts';
import type { RetryPlans } from '../attempts/retry-plans.ts';
import type { DirectUploads } from '../uploads/direct/direct-uploads.ts';
import type { CopyBack } from '../uploads/overflow/copy-back.ts';
import type { Unfolding } from '../resolution/unfolding.ts';

/** Steps that came to a verdict since the runner started. */
export type StepTally = { succeededSteps: number; failedSteps: number };

/** Who carries out which effect: each kind has one place. */
export function openDeeds(options: {
  readonly attempts: Attempts;
  readonly records: Records;
  readonly dispatch: Dispatch;
  readonly logs: Pick<Logs, 'finish'>;
  readonly retryPlans: Pick<RetryPlans, 'forget'>;
  /** Handed in late: they come after the decisions, which come after the deeds. */
  readonly builders: () => Builders;
  readonly queue: () => Queue;
  readonly unfolding: () => Unfolding;
  readonly copyBack: () => CopyBack;
  readonly uploads: Pick<DirectUploads, 'end'> | null;
}): Deeds & { readonly tally: Readonly<StepTally> } {
  const { attempts, records, dispatch, logs, retryPlans, uploads } = options;
  const { builders, queue, unfolding, copyBack } = options;
  const tally: StepTally = { succeededSteps: 0, failedSteps: 0 };

  const prepare = (effect: FarmEffect): void => {
    if (effect.type === 'start-attempt') {
      dispatch.prepare(effect);
      unfolding().noteStart(effect);
    }
    if (effect.type === 'resolve-step') unfolding().noteResolved(effect);
    if (effect.type === 'finish-attempt' && effect.outcome === 'succeeded') {
      queue().noteSuccess(effect.derivation);
      unfolding().noteSuccess(effect);
    }
  };

  const perform = (effect: FarmEffect): void => {
    switch (effect.type) {
      case 'start-attempt':
        return dispatch.send(effect);
      case 'continue-attempt':
        return attempts.continue(effect.attempt);
      case 'abort-attempt':
        return abort(effect);
      case 'unfold-step':
        if (copyBack().awaits(effect.derivation)) return copyBack().settle(effect.derivation);
        return unfolding().unfold(effect.derivation);
      case 'let-go':
        return unfolding().letGo(effect.derivation);
      case 'finish-attempt':
        count(effect);
        if (effect.outcome === 'succeeded') unfolding().tellStore(effect.derivation);
        return end(effect.attempt);
      case 'succeed-build':
      case 'fail-build':
        return queue().forget(effect.build);
      case 'dismiss-builder':
        return builders().dismiss(effect.builder);
      case 'drop-retry-plan':
        return retryPlans.forget(effect.derivation);
      case 'record-failure':
      case 'plan-retry':
      case 'resolve-step':
      case 'remember-failure':
      case 'keep-needs':
      case 'keep-emergency':
      case 'drop-emergency':
      case 'keep-hold':
      case 'drop-hold':
      case 'refuse':
      case 'wake-at':
        return;
    }
  };

  const end = (attempt: AttemptNumber): void => {
    const live = attempts.end(attempt);
    if (live === undefined) return;
    logs.finish(live);
    uploads?.end(live);
  };

  const abort = ({ attempt, builder }: Effect<'abort-attempt'>): void => {
    const uuid = attempts.uuidOf(attempt);
    if (uuid === undefined) return;
    // A builder that is gone has nothing to abort.
    builders()
      .send(builder, { type: 'abort', attempt: uuid })
      .catch(() => {});
  };

  const count = ({ outcome }: Effect<'finish-attempt'>): void => {
    if (outcome === 'succeeded') tally.succeededSteps += 1;
    else if (outcome !== 'cancelled' && outcome !== 'aborted') tally.failedSteps += 1;
  };

  return { record: records.write, prepare, perform, tally };
}
