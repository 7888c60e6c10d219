import { provisionerSchema } from '../configuration.ts';
import type { ProvisionerConfiguration } from '../configuration.ts';
import { blankMemory } from '../plan/memory.ts';
import type { Memory } from '../plan/memory.ts';
import type { Machine, Observation, Outcome, SeenBuilder } from '../plan/observation.ts';
import { plan } from '../plan/plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { Wish } from '../plan/wish.ts';

type Standing = {
  readonly machine: Machine;
  readonly visibleAt: number;
  readonly joinsAt: number;
  attempts: number;
  isHeld: boolean;
  idleSince: number;
};

export type Trouble = {
  /** Creations fail. */
  refuses: boolean;
  /** Machines boot and never join. */
  isMute: boolean;
  /** The driver, or the runner, does not answer. */
  listFails: boolean;
  runnerFails: boolean;
};

/** A pool named `p` of two-slot machines, with what is said in its place. */
export function configured(
  pool: Readonly<Record<string, unknown>> = {},
  rest: Readonly<Record<string, unknown>> = {},
): ProvisionerConfiguration {
  const usual = { name: 'p', driver: 'd', systems: ['x'], maxJobs: 2, runnablesPerMachine: 2 };
  return provisionerSchema.parse({
    drivers: { d: { type: 'local', directory: '/nowhere' } },
    pools: [{ ...usual, max: 5, ...pool }],
    ...rest,
  });
}

/** A provider and a runner, as far as a plan can tell; each step takes a tick or more. */
export class World {
  now = 1_000_000_000_000;
  runnable = 0;
  memory: Memory = blankMemory;
  readonly trouble: Trouble = {
    refuses: false,
    isMute: false,
    listFails: false,
    runnerFails: false,
  };
  /** Promises that were broken. */
  readonly offences: string[] = [];
  /** All wishes ever. */
  readonly wishes: Wish[] = [];
  readonly standing = new Map<string, Standing>();
  readonly configuration: ProvisionerConfiguration;
  readonly #bootMilliseconds: number;
  readonly #lagMilliseconds: number;
  #outcomes: Outcome[] = [];

  constructor(
    configuration: ProvisionerConfiguration,
    { boot = 30_000, lag = 0 }: { readonly boot?: number; readonly lag?: number } = {},
  ) {
    this.configuration = configuration;
    this.#bootMilliseconds = boot;
    this.#lagMilliseconds = lag;
  }

  /** Lets time pass, work be done, and a plan be made and carried out. */
  tick(milliseconds = 10_000): Plan {
    this.now += milliseconds;
    this.#work();
    const made = plan(this.observe(), this.configuration, this.memory);
    this.memory = structuredClone(made.memory);
    this.#outcomes = [];
    for (const wish of made.wishes) this.#carryOut(wish);
    return made;
  }

  ticks(count: number): void {
    for (let index = 0; index < count; index += 1) this.tick();
  }

  count(type: Wish['type']): number {
    return this.wishes.filter((wish) => wish.type === type).length;
  }

  observe(): Observation {
    const { listFails, runnerFails } = this.trouble;
    const visible = [...this.standing.values()].filter(({ visibleAt }) => visibleAt <= this.now);
    return {
      now: this.now,
      demand: runnerFails ? null : this.#demand(),
      machines: { d: listFails ? null : visible.map(({ machine }) => machine) },
      outcomes: this.#outcomes,
    };
  }

  #demand(): Observation['demand'] {
    const { runnable } = this;
    const need = {
      system: 'x',
      features: [],
      runnable,
      seconds: 60 * runnable,
      memoryBytes: 0,
      waitingSince: runnable > 0 ? this.now : null,
      criticalPathSeconds: 60,
      behind: 0,
      behindSeconds: 0,
    };
    const builders = [...this.standing.values()].flatMap((one) => this.#builder(one));
    return { now: this.now, startedAt: 0, needs: runnable > 0 ? [need] : [], builders };
  }

  #builder({ machine, joinsAt, attempts, isHeld, idleSince }: Standing): SeenBuilder[] {
    if (joinsAt > this.now) return [];
    return [
      {
        hostname: machine.name,
        systems: ['x'],
        features: [],
        mandatoryFeatures: [],
        slots: 2,
        speedFactor: 1,
        attempts,
        secondsLeft: 60 * attempts,
        uploads: 0,
        joinedAt: joinsAt,
        idleSince: attempts > 0 ? null : idleSince,
        closed: isHeld ? 'draining' : null,
      },
    ];
  }

  /** What runs ends, and what can start does. */
  #work(): void {
    for (const one of this.standing.values()) {
      if (one.joinsAt > this.now) continue;
      if (one.attempts > 0) one.idleSince = this.now;
      one.attempts = 0;
      if (one.isHeld) continue;
      one.attempts = Math.min(2, this.runnable);
      this.runnable -= one.attempts;
    }
  }

  #carryOut(wish: Wish): void {
    this.wishes.push(wish);
    const one = this.standing.get(wish.name);
    switch (wish.type) {
      case 'create':
        return this.#create(wish);
      case 'drain':
      case 'undrain':
        if (one !== undefined) one.isHeld = wish.type === 'drain';
        this.#checkLeast(wish);
        return;
      case 'destroy':
        if (one !== undefined && one.attempts > 0) this.offences.push(`${wish.name} was at work`);
        this.standing.delete(wish.name);
        return;
      case 'start':
      case 'stop':
        this.offences.push('nothing here can be stopped');
    }
  }

  #checkLeast({ type, name }: Wish): void {
    const free = [...this.standing.values()].filter(({ isHeld }) => !isHeld).length;
    const min = this.configuration.pools[0]?.min ?? 0;
    if (type === 'drain' && free < min) this.offences.push(`${name} went, and ${free} are left`);
  }

  #create({ name, pool, offer }: Extract<Wish, { readonly type: 'create' }>): void {
    if (this.trouble.refuses) {
      const message = 'none left';
      this.#outcomes.push({ type: 'create-failed', name, failure: 'capacity', message });
      return;
    }
    const { now, trouble } = this;
    const generation = this.memory.wishes[name]?.generation ?? '';
    const machine: Machine = {
      name,
      handle: `h-${name}`,
      pool,
      offer: offer.name,
      generation,
      state: 'running',
      createdAt: now,
      isInterrupted: false,
    };
    this.standing.set(name, {
      machine,
      visibleAt: now + this.#lagMilliseconds,
      attempts: 0,
      isHeld: false,
      joinsAt: trouble.isMute ? Infinity : now + this.#bootMilliseconds,
      idleSince: now,
    });
    this.#outcomes.push({ type: 'created', name });
    const max = this.configuration.pools.find((one) => one.name === pool)?.max ?? 0;
    if (this.standing.size > max) this.offences.push(`${this.standing.size} machines, not ${max}`);
  }
}
