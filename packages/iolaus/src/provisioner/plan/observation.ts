/** The name of a wish for a machine, and of the machine that it became: one for one, for ever. */
export type WishName = string;

/** What is to be built on one kind of builder, as the runner tells it. Seconds on a machine of speed 1. */
export type Need = {
  readonly system: string;
  readonly features: readonly string[];
  readonly runnable: number;
  readonly seconds: number;
  /** Milliseconds since the epoch; null: nothing waits. */
  readonly waitingSince: number | null;
  readonly memoryBytes: number;
  readonly criticalPathSeconds: number;
  /** Steps that wait for others. */
  readonly behind: number;
  readonly behindSeconds: number;
};

/** A builder that the runner knows. */
export type SeenBuilder = {
  readonly hostname: string;
  readonly systems: readonly string[];
  readonly features: readonly string[];
  readonly mandatoryFeatures: readonly string[];
  readonly slots: number;
  readonly speedFactor: number;
  readonly attempts: number;
  readonly secondsLeft: number;
  readonly uploads: number;
  /** Null: its tunnel is gone, and it may come back. */
  readonly joinedAt: number | null;
  readonly idleSince: number | null;
  /** Why it gets no work; null: it does. */
  readonly closed: string | null;
};

export type Demand = {
  /** The runner's clock, and when it began, by it. */
  readonly now: number;
  readonly startedAt: number;
  readonly needs: readonly Need[];
  readonly builders: readonly SeenBuilder[];
};

/** A machine that bears our mark, as its driver lists it. */
export type Machine = {
  readonly name: WishName;
  /** What the driver calls it. */
  readonly handle: string;
  readonly pool: string;
  readonly offer: string;
  /** Of the settings that it was made by. */
  readonly generation: string;
  readonly state: 'starting' | 'running' | 'stopping' | 'stopped' | 'failed';
  /** By the provider's clock. */
  readonly createdAt: number;
  /** Its provider takes it back. */
  readonly isInterrupted: boolean;
};

/** What became of something that was wished since the last plan. */
export type Outcome =
  | { readonly type: 'created'; readonly name: WishName }
  | {
      readonly type: 'create-failed';
      readonly name: WishName;
      readonly failure: DriverFailure;
      readonly message: string;
    }
  | { readonly type: 'destroyed'; readonly name: WishName }
  | { readonly type: 'failed'; readonly name: WishName; readonly message: string };

/**
 * What stands in the way: `capacity` (another offer may do), `quota`, `rate`, `credentials`, `configuration`, or
 * something that may be over soon. `unknown`: nobody can tell whether it was done.
 */
export type DriverFailure =
  | 'capacity'
  | 'quota'
  | 'rate'
  | 'credentials'
  | 'configuration'
  | 'transient'
  | 'unknown';

/** All that is known when a plan is made. */
export type Observation = {
  /** Milliseconds since the epoch, by our own clock. */
  readonly now: number;
  /** Null: the runner does not answer. */
  readonly demand: Demand | null;
  /** By driver; null: it could not be listed. */
  readonly machines: Readonly<Record<string, readonly Machine[] | null>>;
  readonly outcomes: readonly Outcome[];
};
