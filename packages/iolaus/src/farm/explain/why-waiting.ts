import type { DerivationPath } from '@iolaus/nix';
import { whyClosed } from '../builders/builder.ts';
import type { Closure } from '../builders/builder.ts';
import { aheadLeases } from '../builders/builder-watch.ts';
import type { FarmState } from '../farm-state.ts';
import type { AttemptNumber, BuilderId, Instant } from '../identity.ts';
import type { Step } from '../graph/step.ts';
import { patienceEnds } from '../builders/support.ts';

/** What a step waits for, and until when where that is known. */
export type WhyWaiting =
  /** These must be built first. */
  | { readonly type: 'inputs'; readonly inputs: readonly DerivationPath[] }
  /** No builder that has joined can build it; it fails as unsupported then. */
  | {
      readonly type: 'capable-builder';
      readonly system: string;
      readonly requiredFeatures: readonly string[];
      readonly failsAt: Instant;
    }
  /** All builders that can build it get no work for now. */
  | {
      readonly type: 'open-builder';
      readonly builders: readonly { readonly hostname: string; readonly reason: Closure }[];
    }
  /** All builders that can build it are busy with steps that came first. */
  | {
      readonly type: 'free-slot';
      readonly builders: number;
      readonly since: Instant;
    }
  /** Its inputs produced derivations that are being read. */
  | { readonly type: 'unfolding' }
  /** It was tried in vain and rests. */
  | {
      readonly type: 'back-off';
      readonly until: Instant;
      readonly tries: number;
      readonly losses: number;
    }
  /** A builder has it and is at it. `ahead`: it has it, and begins it when one of its slots falls free. */
  | {
      readonly type: 'builder' | 'ahead';
      readonly builder: BuilderId;
      readonly attempt: AttemptNumber;
    };

export function whyWaiting(farm: FarmState, step: Step): WhyWaiting {
  const { state, tries, losses } = step;
  if (state.type === 'runnable') return whyRunnable(farm, step, state.since);
  if (state.type === 'backing-off') return { type: 'back-off', until: state.until, tries, losses };
  if (state.type === 'leased') {
    const { builder, attempt } = state.lease;
    const type = aheadLeases(builder).includes(state.lease) ? 'ahead' : 'builder';
    return { type, builder: builder.id, attempt };
  }
  if (state.type === 'unfolding') return { type: 'unfolding' };
  return { type: 'inputs', inputs: [...step.inputs].map(({ facts }) => facts.derivation) };
}

function whyRunnable(farm: FarmState, step: Step, since: Instant): WhyWaiting {
  const { builders, requirement } = step.queue;
  const failsAt = patienceEnds(farm, step.queue, step);
  if (failsAt !== undefined) {
    const { system, features: requiredFeatures } = requirement;
    return { type: 'capable-builder', system, requiredFeatures, failsAt };
  }
  const closed = [...builders].flatMap((builder) => {
    const reason = whyClosed(builder);
    return reason === null ? [] : [{ hostname: builder.facts.hostname, reason }];
  });
  if (closed.length === builders.size) return { type: 'open-builder', builders: closed };
  return { type: 'free-slot', builders: builders.size - closed.length, since };
}
