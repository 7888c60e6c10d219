import type { HostHold } from '../farm/builders/host-hold.ts';
import type { RunnerConfiguration } from '../runner/settings/configuration.ts';

/**
 * All that is decided of a history before it begins, as plain data: what there is to be built, who builds, what people do, and
 * what goes wrong. The rest is chance, drawn from the seed by each part of the world on its own, so that a plan from which
 * something was taken away goes on much as before.
 */
export type Plan = {
  readonly seed: number;
  readonly nodes: readonly NodePlan[];
  readonly jobsets: readonly JobsetPlan[];
  readonly builders: readonly BuilderPlan[];
  readonly deeds: readonly Deed[];
  readonly troubles: readonly Trouble[];
  /** What is built is published to each of them. */
  readonly caches: readonly string[];
  readonly settings: SettingsPlan;
  /** From here on nothing goes wrong any more. Milliseconds, as all times of a plan, since the beginning. */
  readonly calmAt: number;
};

/** A derivation. Inputs are earlier nodes, by their place. */
export type NodePlan = {
  readonly inputs: readonly number[];
  readonly system: string;
  readonly features: readonly string[];
  readonly outputs: readonly string[];
  readonly fate: Fate;
  readonly milliseconds: number;
  /** Only a build can tell the paths of its outputs. */
  readonly floats?: boolean;
};

/** What comes of building it, wherever that is. */
export type Fate = 'succeeds' | 'fails' | 'times-out' | 'exceeds-log-limit';

export type JobsetPlan = { readonly id: number; readonly shares: number };

export type BuilderPlan = {
  readonly hostname: string;
  readonly systems: readonly string[];
  readonly features: readonly string[];
  readonly slots: number;
  /** Factor on the time that a build takes. */
  readonly slowness: number;
  readonly speaks: 'our-dialect' | "hydra's-dialect";
  readonly sharesStore: boolean;
  /** It can come back to what it was doing when it lost its runner. Only in our dialect. */
  readonly remembers: boolean;
  readonly joinsAt: number;
  readonly vice: Vice;
};

/** What is wrong with a builder, until the calm. */
export type Vice =
  | 'none'
  /** Its connection comes and goes. */
  | 'flaps'
  /** It offers more slots than it has. */
  | 'overstates'
  /** It goes in the middle of its work and stays away for minutes, then begins anew. */
  | 'vanishes'
  /** It goes away, works on, and brings the results when it is back. */
  | 'returns-with-results'
  /** What it reports, it reports again later, on another connection. */
  | 'repeats-itself'
  /** It uses the same machine id each time, and leaves its former connection half open. */
  | 'has-a-twin'
  | 'full-disk'
  /** Says that it has built what it has not. */
  | 'lies'
  /** Fails for reasons of its own. */
  | 'stumbles'
  /** Takes what it is sent, and never says anything again on this connection. */
  | 'falls-silent';

/** What people and evaluators do. A build is named by its place among all that were ever queued. */
export type Deed = { readonly at: number } & (
  | { readonly type: 'evaluate'; readonly jobset: number; readonly nodes: readonly number[] }
  | { readonly type: 'cancel'; readonly build: number }
  | { readonly type: 'delete'; readonly build: number }
  | { readonly type: 'restart'; readonly build: number }
  | { readonly type: 'bump'; readonly build: number; readonly globalPriority: number }
  /** The build, or its whole evaluation, goes first. */
  | {
      readonly type: 'emergency';
      readonly build: number;
      readonly isWhole: boolean;
      readonly preempts: boolean;
    }
  /** A builder, by its place, is held back; null: not any more. */
  | { readonly type: 'hold'; readonly builder: number; readonly hold: HostHold | null }
  | { readonly type: 'share'; readonly jobset: number; readonly shares: number }
  | { readonly type: 'reconfigure'; readonly settings: SettingsPlan }
);

/** What goes wrong around the runner. */
export type Trouble = { readonly at: number } & (
  | { readonly type: 'runner-killed'; readonly backAfter: number }
  /** In the middle of whatever it does: before so many more effects on the world. */
  | {
      readonly type: 'runner-killed-soon';
      readonly effects: number;
      readonly backAfter: number;
    }
  /** As soon as it is written down that a step rests. */
  | { readonly type: 'runner-killed-at-retry'; readonly backAfter: number }
  | { readonly type: 'runner-restarted' }
  /** Another runner takes over from one that has not noticed yet. */
  | { readonly type: 'runner-usurped'; readonly noticedAfter: number }
  /** No trouble: a second runner that will take over when the first is gone. */
  | { readonly type: 'standby-started' }
  | { readonly type: 'database-cut' }
  /** The connection breaks when the next transaction commits: just before, or before the answer comes. */
  | { readonly type: 'commit-cut'; readonly isDone: boolean }
  | { readonly type: 'database-stopped'; readonly backAfter: number }
  | { readonly type: 'database-slow'; readonly for: number }
  | { readonly type: 'statement-fails'; readonly code: string; readonly times: number }
  | { readonly type: 'tunnels-cut' }
  /** Calls of builders are carried out, but every second answer gets lost. */
  | { readonly type: 'answers-lost'; readonly for: number }
  /** So large a share of the questions comes to nothing. */
  | { readonly type: 'store-away'; readonly for: number; readonly share: number }
  | { readonly type: 'store-slow'; readonly for: number }
  /** So large a share of the uploads breaks off, or their answers get lost. */
  | { readonly type: 'caches-away'; readonly for: number; readonly share: number }
  | { readonly type: 'garbage-collected'; readonly node: number }
  /** Another program leaves a row of a build busy, and is gone. */
  | { readonly type: 'step-orphaned'; readonly build: number }
  | { readonly type: 'clock-set'; readonly byMilliseconds: number }
);

/** What a history is configured with, from its beginning or at some time. */
export const settingsOf = ({ settings, deeds }: Plan): SettingsPlan[] => [
  settings,
  ...deeds.flatMap((deed) => (deed.type === 'reconfigure' ? [deed.settings] : [])),
];

export type SettingsPlan = {
  readonly stepSortFn: RunnerConfiguration['stepSortFn'];
  readonly machineSortFn: RunnerConfiguration['machineSortFn'];
  readonly machineFreeFn: RunnerConfiguration['machineFreeFn'];
  readonly maxTries: number;
  readonly retryIntervalSeconds: number;
  readonly retryBackoff: number;
  readonly maxUnsupportedSeconds: number;
  readonly failedPathsTtlSeconds: number;
};
