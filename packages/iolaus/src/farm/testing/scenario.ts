import type { DerivationPath, StorePath } from '@iolaus/nix';
import type { FarmEffect } from '../effect.ts';
import type { FarmEvent, FarmSettings } from '../event.ts';
import type { BuildFacts, BuildResult, BuilderFacts, StepFacts } from '../facts.ts';
import { createFarm } from '../farm.ts';
import type { Farm } from '../farm.ts';
import { attemptNumber, buildId, builderId, instant, jobsetId } from '../identity.ts';
import type { AttemptNumber } from '../identity.ts';
import type { PackageNeeds } from '../prediction/package-needs.ts';
import type { RetryPlan } from '../attempts/retry-plan.ts';
import type { AttemptFailure } from '../outcome.ts';
import { tellEffect, tellMemory } from './tell-effect.ts';

/** Hydra's defaults. */
export const defaultSettings: FarmSettings = {
  maxTries: 5,
  retryIntervalSeconds: 60,
  retryBackoff: 3,
  maxUnsupportedSeconds: 120,
  maxSilentSeconds: 3600,
  timeoutSeconds: 36_000,
};

export const derivation = (name: string) => name as DerivationPath;
export const storePath = (name: string) => name as StorePath;

type StepOptions = Partial<Pick<StepFacts, 'system' | 'requiredFeatures' | 'failedBefore'>>;

export function build(id: number, name: string, options: Partial<BuildFacts> = {}): BuildFacts {
  return {
    id: buildId(id),
    derivation: derivation(name),
    jobset: jobsetId(1),
    globalPriority: 0,
    localPriority: 100,
    maxSilentSeconds: null,
    timeoutSeconds: null,
    ...options,
  };
}

export function step(name: string, inputs = '', options: StepOptions = {}): StepFacts {
  return {
    derivation: derivation(name),
    system: 'linux',
    requiredFeatures: [],
    outputs: new Map([['out', storePath(`${name}-out`)]]),
    inputs: inputs.split(' ').filter(Boolean).map(derivation),
    failedBefore: false,
    ...options,
  };
}

/** `{ app: 'lib tool', lib: '' }`: inputs by step; inputs that are no steps are there already. */
export function graph(inputs: Readonly<Record<string, string>>): StepFacts[] {
  return Object.entries(inputs).map(([name, needed]) => step(name, needed));
}

export function builderFacts(hostname: string, options: Partial<BuilderFacts> = {}): BuilderFacts {
  return {
    hostname,
    systems: ['linux'],
    supportedFeatures: [],
    mandatoryFeatures: [],
    slots: 1,
    ahead: 0,
    speedFactor: 1,
    cpuCount: 1,
    bogomips: 1,
    buildDirectoryThreshold: 10,
    storeThreshold: 10,
    ...options,
  };
}

export function resultOf({ outputs }: Pick<StepFacts, 'outputs'>): BuildResult {
  const built = outputs.entries().map(([name, path]) => {
    return [
      name,
      { path: path ?? storePath(`${name}-found`), narSize: 1, closureSize: 1 },
    ] as const;
  });
  const nothing = { failedMarker: false, releaseName: null, products: [], metrics: [] };
  return { outputs: new Map(built), ...nothing };
}

export const times = { importMilliseconds: 1, buildMilliseconds: 2, uploadMilliseconds: 3 };
export const healthy = { buildDirectoryFreePercent: 50, storeFreePercent: 50 };

/**
 * A farm that is told things in a few words and answers in a few. Every call returns what the farm decided, and every
 * promise is checked after it.
 */
export class Scenario {
  readonly farm: Farm;
  readonly settings: FarmSettings;
  seconds = 0;
  /** Why events were refused. */
  readonly refusals: string[] = [];
  /** What a farm that follows would be told of tries in vain. */
  readonly plans = new Map<string, RetryPlan>();
  /** What it would be told of what packages need. */
  readonly needs: PackageNeeds[] = [];
  /** What else it would be told of. */
  readonly memories: string[] = [];
  readonly #attempts = new Map<AttemptNumber, string>();
  readonly #steps = new Map<string, StepFacts>();

  constructor(changed: Partial<FarmSettings> = {}) {
    this.settings = { ...defaultSettings, ...changed };
    this.farm = createFarm(this.settings);
  }

  apply(event: FarmEvent): string[] {
    const effects = this.farm.apply(event, instant(Math.round(1000 * this.seconds)));
    const breaches = this.farm.checkPromises();
    if (breaches.length > 0) throw new Error(breaches.join('\n'));
    return effects.flatMap((effect) => {
      if (effect.type === 'refuse') this.refusals.push(`${effect.reason}: ${effect.message}`);
      if (effect.type === 'plan-retry') this.plans.set(effect.derivation, effect.plan);
      if (effect.type === 'keep-needs') this.needs.push(effect.needs);
      if (effect.type === 'drop-retry-plan') this.plans.delete(effect.derivation);
      const memory = tellMemory(effect);
      if (memory !== undefined) this.memories.push(memory);
      if (effect.type === 'start-attempt') {
        this.#attempts.set(effect.attempt, effect.step.derivation);
      }
      if (quiet.has(effect.type) || memory !== undefined) return [];
      return [tellEffect(effect, (attempt) => this.#attempts.get(attempt))];
    });
  }

  queue(builds: BuildFacts | readonly BuildFacts[], steps: readonly StepFacts[]): string[] {
    for (const facts of steps) this.#steps.set(facts.derivation, facts);
    return this.apply({ type: 'builds-queued', builds: [builds].flat(), steps });
  }

  /** Joins and pings with plenty of space. */
  join(name: string, options: Partial<BuilderFacts> = {}): string[] {
    const joined = this.apply({
      type: 'builder-joined',
      builder: builderId(name),
      facts: builderFacts(name, options),
    });
    return [...joined, ...this.ping(name)];
  }

  ping(name: string, health = healthy): string[] {
    return this.apply({ type: 'builder-pinged', builder: builderId(name), health });
  }

  /** The tunnel breaks; the builder may come back within so many seconds. */
  goAway(name: string, seconds: number): string[] {
    const until = instant(1000 * (this.seconds + seconds));
    return this.apply({ type: 'builder-away', builder: builderId(name), until });
  }

  /** Back with attempts at these steps, as healthy as before. */
  comeBack(
    name: string,
    held: readonly AttemptNumber[],
    options: Partial<BuilderFacts> = {},
  ): string[] {
    const facts = builderFacts(name, options);
    const builder = builderId(name);
    return [...this.apply({ type: 'builder-rejoined', builder, facts, held }), ...this.ping(name)];
  }

  leave(name: string): string[] {
    return this.apply({ type: 'builder-left', builder: builderId(name) });
  }

  succeed(
    name: string,
    result: BuildResult = resultOf(this.#steps.get(name) ?? step(name)),
    more: { readonly cached?: boolean } = {},
  ): string[] {
    const attempt = this.attempt(name);
    return this.apply({ type: 'attempt-succeeded', attempt, result, times, ...more });
  }

  fail(name: string, failure: AttemptFailure = 'build-failed', message = 'it broke'): string[] {
    const attempt = this.attempt(name);
    return this.apply({ type: 'attempt-failed', attempt, failure, message, times });
  }

  withdraw(id: number): string[] {
    return this.apply({ type: 'build-withdrawn', build: buildId(id) });
  }

  /** Time passes, and the alarm rings. */
  pass(seconds: number): string[] {
    this.seconds += seconds;
    return this.apply({ type: 'time-came' });
  }

  /** The live attempt at the step. */
  attempt(name: string): AttemptNumber {
    for (const { attempt, derivation: path } of this.farm.view.attempts()) {
      if (path === name) return attempt;
    }
    return attemptNumber(0);
  }

  state(name: string): string | undefined {
    return this.farm.view.step(derivation(name))?.state.type;
  }
}

/** Kept apart from what a farm does. */
const quiet = new Set<FarmEffect['type']>([
  'refuse',
  'plan-retry',
  'drop-retry-plan',
  'keep-needs',
]);
