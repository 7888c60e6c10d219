import type { Effect } from '../../farm/effect.ts';
import type { FarmEvent, FarmSettings } from '../../farm/event.ts';
import type { BuilderFacts } from '../../farm/facts.ts';
import { createFarm } from '../../farm/farm.ts';
import type { Farm } from '../../farm/farm.ts';
import { builderId, instant } from '../../farm/identity.ts';
import type { AttemptNumber } from '../../farm/identity.ts';
import { Agenda } from '../agenda.ts';
import type { Random } from '../random.ts';
import { buildsOf, emptyResult, stepFactsOf } from '../replay/told.ts';
import { stepAt } from '../replay/workload.ts';
import type { Workload } from '../replay/workload.ts';
import { Finishes } from './finishes.ts';

/** A machine of the yard. Times in milliseconds since the beginning. */
export type YardMachine = {
  readonly name: string;
  readonly createdAt: number;
  /** Null: it is booting. */
  joinedAt: number | null;
  hasFailed: boolean;
  isHeld: boolean;
  running: number;
  idleSince: number;
};

export type YardOptions = {
  readonly settings: FarmSettings;
  /** What every machine is, but for its name. */
  readonly facts: Omit<BuilderFacts, 'hostname'>;
  /** Seconds from the wish to the builder's joining, at least and at most; and how many of a hundred fail. */
  readonly boot: { readonly least: number; readonly most: number; readonly failures: number };
  readonly random: Random;
  readonly hours: number;
};

/** Who says how many machines there are. */
export type Rule = {
  readonly everyMilliseconds: number;
  act(yard: Yard): void;
};

export type YardResult = {
  readonly machineHours: number;
  /** What would do if all slots were always full and machines booted in no time: nobody needs fewer. */
  readonly leastMachineHours: number;
  /** Mean seconds from an evaluation's arrival until all of it is built. */
  readonly finishSeconds: number;
  /** Of the slowest. */
  readonly worstFinishSeconds: number;
  readonly machines: number;
  readonly most: number;
};

const healthy = { buildDirectoryFreePercent: 100, storeFreePercent: 100 };
const hour = 3_600_000;

/** A farm whose machines come and go as a rule says, with a workload whose build times are known. */
export class Yard {
  readonly farm: Farm;
  readonly #workload: Workload;
  readonly #options: YardOptions;
  readonly #agenda = new Agenda();
  readonly #machines = new Map<string, YardMachine>();
  readonly #places = new Map<string, number>();
  readonly #told = new Set<number>();
  readonly #finishes: Finishes;
  #builds = 0;
  #machineMilliseconds = 0;
  #slotMilliseconds = 0;
  #made = 0;
  #most = 0;

  constructor(workload: Workload, options: YardOptions) {
    this.#workload = workload;
    this.#options = options;
    this.farm = createFarm(options.settings);
    this.#finishes = new Finishes(workload);
    for (const [place, { derivation }] of workload.steps.entries()) {
      this.#places.set(derivation, place);
    }
  }

  get now(): number {
    return this.#agenda.now;
  }

  get machines(): readonly YardMachine[] {
    return [...this.#machines.values()];
  }

  /** Boots a machine. */
  create(name: string): void {
    const machine: YardMachine = {
      name,
      createdAt: this.now,
      joinedAt: null,
      hasFailed: false,
      isHeld: false,
      running: 0,
      idleSince: this.now,
    };
    this.#machines.set(name, machine);
    this.#made += 1;
    this.#most = Math.max(this.#most, this.#machines.size);
    const { boot, random } = this.#options;
    const fails = random.chance(boot.failures / 100);
    const milliseconds = 1_000 * random.between(boot.least, boot.most);
    this.#agenda.after(milliseconds, () => {
      if (this.#machines.get(name) !== machine) return;
      if (fails) machine.hasFailed = true;
      else this.#join(machine);
    });
  }

  hold(name: string, isHeld: boolean): void {
    const machine = this.#machines.get(name);
    if (machine === undefined || machine.isHeld === isHeld) return;
    machine.isHeld = isHeld;
    this.#apply(
      isHeld
        ? { type: 'host-held', hostname: name, hold: 'draining', lasts: false }
        : { type: 'host-released', hostname: name },
    );
  }

  /** Ends a machine; one that works would lose its steps, which no rule here may do. */
  destroy(name: string): void {
    const machine = this.#machines.get(name);
    if (machine === undefined) return;
    if (machine.running > 0) throw new Error(`${name} is ended with ${machine.running} steps`);
    this.#machines.delete(name);
    this.#machineMilliseconds += this.now - machine.createdAt;
    if (machine.joinedAt !== null) this.#apply({ type: 'builder-left', builder: builderId(name) });
    this.#apply({ type: 'host-released', hostname: name });
  }

  /** Plays everything: for as many hours, and until all is built. */
  run(rule: Rule): YardResult {
    for (const [index, { at }] of this.#workload.evaluations.entries()) {
      this.#agenda.after(1_000 * at, () => this.#queue(index));
    }
    const end = this.#options.hours * hour;
    const look = (): void => {
      rule.act(this);
      if (this.now < end || !this.#finishes.areComplete) {
        this.#agenda.after(rule.everyMilliseconds, look);
      }
    };
    look();
    while (this.#agenda.step(Infinity));
    for (const { createdAt } of this.#machines.values()) {
      this.#machineMilliseconds += this.now - createdAt;
    }
    return {
      machineHours: this.#machineMilliseconds / hour,
      leastMachineHours: this.#slotMilliseconds / this.#options.facts.slots / hour,
      ...this.#finishes.summary(),
      machines: this.#made,
      most: this.#most,
    };
  }

  #join(machine: YardMachine): void {
    const { name } = machine;
    machine.joinedAt = machine.idleSince = this.now;
    const builder = builderId(name);
    this.#apply({
      type: 'builder-joined',
      builder,
      facts: { ...this.#options.facts, hostname: name },
    });
    this.#apply({ type: 'builder-pinged', builder, health: healthy });
  }

  #queue(index: number): void {
    const { unfinished, builds } = this.#finishes.arrive(index, this.now);
    const fresh = unfinished.filter((place) => !this.#told.has(place));
    for (const place of fresh) this.#told.add(place);
    const facts = buildsOf(this.#workload, builds, { first: this.#builds + 1, jobset: 1, index });
    this.#builds += builds.length;
    const steps = fresh.map((place) => stepFactsOf(this.#workload, place));
    this.#apply({ type: 'builds-queued', builds: facts, steps });
  }

  #apply(event: FarmEvent): void {
    for (const effect of this.farm.apply(event, instant(this.now))) {
      if (effect.type === 'start-attempt') this.#start(effect);
    }
  }

  #start({ attempt, step, hostname }: Effect<'start-attempt'>): void {
    const place = this.#places.get(step.derivation);
    const machine = this.#machines.get(hostname);
    if (place === undefined || machine === undefined) throw new Error('the farm made it up');
    machine.running += 1;
    const { seconds } = stepAt(this.#workload, place);
    const milliseconds = (1_000 * seconds) / this.#options.facts.speedFactor;
    this.#agenda.after(milliseconds, () => this.#succeed(attempt, place, machine, milliseconds));
  }

  #succeed(
    attempt: AttemptNumber,
    place: number,
    machine: YardMachine,
    buildMilliseconds: number,
  ): void {
    machine.running -= 1;
    machine.idleSince = this.now;
    this.#slotMilliseconds += buildMilliseconds;
    this.#finishes.end(place, this.now);
    const times = { importMilliseconds: 0, buildMilliseconds, uploadMilliseconds: 0 };
    this.#apply({ type: 'attempt-succeeded', attempt, result: emptyResult, times });
  }
}
