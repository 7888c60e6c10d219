import type { DerivationPath } from '@iolaus/nix';
import type {
  AttemptTimes,
  AttemptUse,
  BuildFacts,
  BuildResult,
  BuilderFacts,
  BuilderHealth,
  StepFacts,
} from './facts.ts';
import type { HostHold } from './builders/host-hold.ts';
import type { AttemptNumber, BuildId, BuilderId, Instant, JobsetId } from './identity.ts';
import type { Emergency, EmergencySubject } from './emergencies/emergency-priority.ts';
import type { InheritedAttempt } from './attempts/inherited.ts';
import type { AttemptFailure } from './outcome.ts';
import type { CapacityRule, MachineOrder } from './placement/policy.ts';
import type { PackageNeeds } from './prediction/package-needs.ts';
import type { PastUse } from './prediction/history.ts';
import type { Resolved } from './graph/resolve.ts';
import type { SelectionName } from './selection/policy.ts';
import type { StandingOrders } from './standing-orders.ts';
import type { Produced } from './graph/unfold.ts';

/** Everything that can happen to the farm. */
export type FarmEvent =
  /** A jobset is seen for the first time, or its shares changed. `usedSeconds`: build time in the window so far. */
  | {
      readonly type: 'jobset-seen';
      readonly jobset: JobsetId;
      readonly shares: number;
      readonly usedSeconds: number;
    }
  /**
   * Builds and the unfinished part of their graph. Steps that are known already are merged; an input that is neither
   * known nor among `steps` counts as there. Builds whose own derivation is neither do not come here but as
   * `build-found-built`. A build that is known already changes nothing but its priority.
   */
  | {
      readonly type: 'builds-queued';
      readonly builds: readonly BuildFacts[];
      readonly steps: readonly StepFacts[];
    }
  /** All outputs of the build's derivation were there when it was looked at. */
  | { readonly type: 'build-found-built'; readonly build: BuildFacts; readonly result: BuildResult }
  /** The build can never run: its derivation, or one that it needs, is gone or cannot be read. */
  | { readonly type: 'build-unreadable'; readonly build: BuildFacts; readonly message: string }
  | {
      readonly type: 'build-reprioritised';
      readonly build: BuildId;
      readonly globalPriority: number;
    }
  /** Somebody else finished or deleted the row. */
  | { readonly type: 'build-withdrawn'; readonly build: BuildId }
  | { readonly type: 'builder-joined'; readonly builder: BuilderId; readonly facts: BuilderFacts }
  | { readonly type: 'builder-pinged'; readonly builder: BuilderId; readonly health: BuilderHealth }
  | { readonly type: 'builder-left'; readonly builder: BuilderId }
  /** The tunnel is gone, but the builder may come back with what it does. */
  | { readonly type: 'builder-away'; readonly builder: BuilderId; readonly until: Instant }
  /** It is back, or new, and says which attempts it holds. */
  | {
      readonly type: 'builder-rejoined';
      readonly builder: BuilderId;
      readonly facts: BuilderFacts;
      readonly held: readonly AttemptNumber[];
    }
  /** What an earlier runner gave out; first of all events. */
  | {
      readonly type: 'attempts-inherited';
      readonly attempts: readonly InheritedAttempt[];
      readonly until: Instant;
    }
  /** What people asked of an earlier farm, and still want; comes before any build is queued. */
  | { readonly type: 'orders-remembered'; readonly orders: StandingOrders }
  /** All builds that are in the queue have been told. */
  | { readonly type: 'queue-read' }
  /** Its builder has ended an inherited attempt whose step is not known yet: how comes when it is. */
  | {
      readonly type: 'inherited-ended';
      readonly attempt: AttemptNumber;
      readonly derivation: DerivationPath;
    }
  /** The builder does not only wait with it any more. Told of those that last. */
  | { readonly type: 'attempt-begun'; readonly attempt: AttemptNumber }
  /** The tunnel had ended before the step was on it: the builder has not got it. */
  | { readonly type: 'attempt-undelivered'; readonly attempt: AttemptNumber }
  /** The shell could not send the step: the derivation cannot be read or resolved. */
  | { readonly type: 'dispatch-failed'; readonly attempt: AttemptNumber; readonly message: string }
  | {
      readonly type: 'attempt-succeeded';
      readonly attempt: AttemptNumber;
      readonly result: BuildResult;
      readonly times: AttemptTimes;
      /** The builder had the outputs already, or fetched them. */
      readonly cached?: boolean;
      /** Where somebody measured it. */
      readonly use?: AttemptUse;
    }
  | {
      readonly type: 'attempt-failed';
      readonly attempt: AttemptNumber;
      readonly failure: AttemptFailure;
      /** Of the builder's own process, where somebody told. */
      readonly exitCode?: number;
      readonly message: string;
      readonly times: AttemptTimes;
    }
  /** The answers to `unfold-step`: what its inputs produced, the derivation that it is now, or why there is neither. */
  | { readonly type: 'step-unfolded'; readonly produced: Produced }
  | { readonly type: 'step-resolved'; readonly resolved: Resolved }
  | {
      readonly type: 'unfolding-failed';
      readonly derivation: DerivationPath;
      readonly message: string;
    }
  /** The outputs of the derivation turned up by other means. */
  | {
      readonly type: 'step-found-built';
      readonly derivation: DerivationPath;
      readonly result: BuildResult;
    }
  /** What steps needed before the farm began, the oldest first: so it need not learn everything anew. */
  | {
      readonly type: 'history-told';
      readonly uses: readonly PastUse[];
      readonly needs?: readonly PackageNeeds[];
    }
  /** The time of a `wake-at` has come. */
  | { readonly type: 'time-came' }
  /** A build or an evaluation goes before everything else, or does not any more. Needs a right of its own. */
  | { readonly type: 'emergency-declared'; readonly emergency: Emergency }
  | { readonly type: 'emergency-ended'; readonly subject: EmergencySubject }
  /** A host is to be left alone: until a person releases it (`lasts`), or until this farm ends; or not any more. */
  | {
      readonly type: 'host-held';
      readonly hostname: string;
      readonly hold: HostHold;
      readonly lasts: boolean;
    }
  | { readonly type: 'host-released'; readonly hostname: string }
  /** A person has looked after a host: what its builders did wrong is over. */
  | { readonly type: 'host-pardoned'; readonly hostname: string }
  | { readonly type: 'settings-changed'; readonly settings: FarmSettings };

/** The events of one type. */
export type Event<Type extends FarmEvent['type']> = Extract<FarmEvent, { readonly type: Type }>;

/** What can be set about decisions; `farmSettings` makes it of the runner's configuration. */
export type FarmSettings = {
  readonly maxTries: number;
  readonly retryIntervalSeconds: number;
  readonly retryBackoff: number;
  /** How much longer than it must a step rests at most, as a part of its rest: not all come back at once. None where absent. */
  readonly retryJitter?: number;
  /** A builder that does not ping for so long gets nothing more; after three times as long it is lost. Absent: nobody minds. */
  readonly silentBuilderSeconds?: number;
  /** How long a step may wait for a builder of its kind before it fails as unsupported. */
  readonly maxUnsupportedSeconds: number;
  /** Defaults, and floors for dependencies. */
  readonly maxSilentSeconds: number;
  readonly timeoutSeconds: number;
  /** The order in which steps get their turns; ours, where nothing is said. */
  readonly selection?: SelectionName;
  /** How machines are chosen, and when one takes another step; ours, where nothing is said. */
  readonly machineOrder?: MachineOrder;
  readonly capacity?: CapacityRule;
};
