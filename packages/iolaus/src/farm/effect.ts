import type { DerivationPath } from '@iolaus/nix';
import type { Emergency, EmergencySubject } from './emergencies/emergency-priority.ts';
import type { AttemptTimes, BuildResult, StepFacts } from './facts.ts';
import type { HostHold } from './builders/host-hold.ts';
import type { AttemptNumber, BuildId, BuilderId, Instant, JobsetId } from './identity.ts';
import type { BuildOutcome, StepOutcome } from './outcome.ts';
import type { PackageNeeds } from './prediction/package-needs.ts';
import type { RetryPlan } from './attempts/retry-plan.ts';
import type { RefusalReason } from './refusals/refusal.ts';

/**
 * What the farm wants done, in this order. The shell records the effects of an event (and of its neighbours) in one
 * transaction before anybody outside learns of them: builders, notifications, whoever asked.
 */
export type FarmEffect =
  /** Record a busy row, then send the step to the builder. */
  | {
      readonly type: 'start-attempt';
      readonly attempt: AttemptNumber;
      /** Without its inputs: they are all there. */
      readonly step: StepFacts;
      readonly builder: BuilderId;
      /** The build that is charged: one whose own derivation this is, else any above it. */
      readonly build: BuildId;
      /** It is that build's own derivation, or what that was resolved into. */
      readonly isOwn: boolean;
      readonly hostname: string;
      readonly maxSilentSeconds: number;
      readonly timeoutSeconds: number;
      /** Since when it stood in its queue. */
      readonly runnableSince: Instant;
      readonly startedAt: Instant;
    }
  /** The step of an inherited attempt is known now: the attempt goes on where it is, and reports of it count. */
  | { readonly type: 'continue-attempt'; readonly attempt: AttemptNumber }
  /** Record how the attempt ended. */
  | {
      readonly type: 'finish-attempt';
      readonly attempt: AttemptNumber;
      readonly derivation: DerivationPath;
      readonly build: BuildId;
      /** Of all unfinished builds that need the step. */
      readonly jobsets: readonly JobsetId[];
      readonly outcome: StepOutcome;
      readonly message: string | null;
      readonly stoppedAt: Instant;
      /** Null where nobody reported: the builder was lost, the build withdrawn. */
      readonly times: AttemptTimes | null;
      /** Of a success. */
      readonly result: BuildResult | null;
    }
  /** Its inputs are built: say what they produced, or what it is now (`step-unfolded`, `step-resolved`, `unfolding-failed`). */
  | { readonly type: 'unfold-step'; readonly derivation: DerivationPath }
  /** Record that the step is another derivation (Hydra's status 13). */
  | {
      readonly type: 'resolve-step';
      readonly step: StepFacts;
      readonly build: BuildId;
      readonly into: DerivationPath;
      readonly at: Instant;
    }
  /** What the step was resolved into is not needed for it any more. */
  | { readonly type: 'let-go'; readonly derivation: DerivationPath }
  /** Tell the builder to stop; its report will be ignored. */
  | { readonly type: 'abort-attempt'; readonly attempt: AttemptNumber; readonly builder: BuilderId }
  /** Record a row for a build that fails because of a step that was charged to another build, or was never tried. */
  | {
      readonly type: 'record-failure';
      readonly build: BuildId;
      readonly step: StepFacts;
      readonly outcome: StepOutcome;
      readonly message: string | null;
      readonly hostname: string;
      /** The build whose step failed; null if it is this one, or if nobody knows. */
      readonly propagatedFrom: BuildId | null;
    }
  | {
      readonly type: 'succeed-build';
      readonly build: BuildId;
      /** Its own, and those of all others that needed what was built. */
      readonly jobsets: readonly JobsetId[];
      readonly derivation: DerivationPath;
      readonly result: BuildResult;
      /** Nothing was built for this build itself. */
      readonly cached: boolean;
      readonly startedAt: Instant;
      readonly stoppedAt: Instant;
    }
  | {
      readonly type: 'fail-build';
      readonly build: BuildId;
      readonly outcome: Exclude<BuildOutcome, 'succeeded' | 'failed-with-output'>;
      /** It failed before and was not tried again. */
      readonly cached: boolean;
      /** Its derivation is not to be had. Hydra tells nobody of such builds. */
      readonly unreadable: boolean;
      readonly startedAt: Instant;
      readonly stoppedAt: Instant;
    }
  /** Remember it for a farm that follows this one, until it is dropped. */
  | {
      readonly type: 'plan-retry';
      readonly derivation: DerivationPath;
      readonly plan: RetryPlan;
    }
  | { readonly type: 'drop-retry-plan'; readonly derivation: DerivationPath }
  /** It failed for good: it is not to be tried again so soon, whoever wants it. */
  | { readonly type: 'remember-failure'; readonly step: StepFacts; readonly failedAt: Instant }
  /** What the package's builds need is known better now: remember it for a farm that follows this one. */
  | { readonly type: 'keep-needs'; readonly needs: PackageNeeds }
  /** What a person asked for, to be remembered for a farm that follows this one, until it is dropped. */
  | { readonly type: 'keep-emergency'; readonly emergency: Emergency }
  | { readonly type: 'drop-emergency'; readonly subject: EmergencySubject }
  | { readonly type: 'keep-hold'; readonly hostname: string; readonly hold: HostHold }
  | { readonly type: 'drop-hold'; readonly hostname: string }
  /** It has been silent for too long: its tunnel is of no use. */
  | { readonly type: 'dismiss-builder'; readonly builder: BuilderId }
  /** The event made no sense: nothing has changed. */
  | { readonly type: 'refuse'; readonly reason: RefusalReason; readonly message: string }
  /** Say `time-came` at that time; replaces an earlier wish. */
  | { readonly type: 'wake-at'; readonly at: Instant };

/** The effects of one type. */
export type Effect<Type extends FarmEffect['type']> = Extract<FarmEffect, { readonly type: Type }>;
