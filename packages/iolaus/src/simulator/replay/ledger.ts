import type { BuilderFacts } from '../../farm/facts.ts';
import { servesSystem } from '../../farm/graph/requirement.ts';
import { lowerBound } from './bounds.ts';
import { stepAt } from './workload.ts';
import type { Workload } from './workload.ts';

/** What became of an evaluation. Times in seconds. */
export type EvaluationResult = {
  readonly at: number;
  readonly doneAt: number;
  readonly builds: number;
  /** Steps that it needed and that were not built when it came. */
  readonly steps: number;
  /** What it would have taken alone on the farm, at best. */
  readonly ideal: number;
};

/** A replay seen from its end. Times in seconds. */
export type ReplayResult = {
  readonly makespan: number;
  /** Nobody can be quicker than this. */
  readonly lowerBound: number;
  readonly evaluations: readonly EvaluationResult[];
  /** Mean time from asking for an evaluation to its end. */
  readonly meanTurnaround: number;
  /** The longest turnaround over what the evaluation would have taken alone. */
  readonly worstSlowdown: number;
  /** The longest that a step waited, ready, for a machine. */
  readonly longestWait: number;
  readonly steps: number;
  /** Busy slots over all slots, by system. */
  readonly utilisation: ReadonlyMap<string, number>;
  /** What ran where and when: place in the workload, builder, start and end. */
  readonly runs: readonly StepRun[];
};

export type StepRun = {
  readonly place: number;
  readonly builder: number;
  readonly start: number;
  readonly end: number;
};

type Arrival = {
  readonly at: number;
  readonly builds: number;
  readonly steps: number;
  readonly ideal: number;
  left: number;
  doneAt: number;
};

const unknown = -1;

/** Keeps account of a replay. */
export class Ledger {
  readonly #workload: Workload;
  readonly #builders: readonly BuilderFacts[];
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  readonly #hosts: Int32Array;
  readonly #order: number[] = [];
  readonly #arrivals: Arrival[] = [];
  readonly #awaitedBy = new Map<number, Arrival[]>();
  #longestWait = 0;

  constructor(workload: Workload, builders: readonly BuilderFacts[]) {
    const { length } = workload.steps;
    this.#workload = workload;
    this.#builders = builders;
    this.#starts = new Float64Array(length).fill(unknown);
    this.#ends = new Float64Array(length).fill(unknown);
    this.#hosts = new Int32Array(length);
  }

  isDone(place: number): boolean {
    return this.#ends[place] !== unknown;
  }

  startOf(place: number): number {
    return this.#starts[place] ?? unknown;
  }

  /** Seconds on a machine of speed 1. */
  secondsLeft(place: number, now: number): number {
    const { seconds } = stepAt(this.#workload, place);
    if (this.isDone(place)) return 0;
    const start = this.startOf(place);
    return start === unknown
      ? seconds
      : Math.max(seconds - (now - start) * this.#speedOf(place), 0);
  }

  #speedOf(place: number): number {
    return this.#builders[this.#hosts[place] ?? 0]?.speedFactor ?? 1;
  }

  noteArrival(
    index: number,
    unfinished: readonly number[],
    builds: readonly number[],
    ideal: number,
    now: number,
  ): void {
    const awaited = new Set(builds);
    const arrival: Arrival = {
      at: now,
      builds: builds.length,
      steps: unfinished.length,
      ideal,
      left: awaited.size,
      doneAt: now,
    };
    this.#arrivals[index] = arrival;
    for (const place of awaited) {
      const others = this.#awaitedBy.get(place);
      if (others === undefined) this.#awaitedBy.set(place, [arrival]);
      else others.push(arrival);
    }
  }

  noteStart(place: number, builder: number, runnableSince: number, now: number): void {
    this.#starts[place] = now;
    this.#hosts[place] = builder;
    this.#longestWait = Math.max(this.#longestWait, now - runnableSince);
  }

  noteEnd(place: number, now: number): void {
    this.#ends[place] = now;
    this.#order.push(place);
    for (const arrival of this.#awaitedBy.get(place) ?? []) {
      arrival.left -= 1;
      if (arrival.left === 0) arrival.doneAt = now;
    }
    this.#awaitedBy.delete(place);
  }

  result(makespan: number): ReplayResult {
    const evaluations = this.#arrivals.map(({ at, doneAt, builds, steps, ideal }) => {
      return { at, doneAt, builds, steps, ideal };
    });
    const turnarounds = evaluations.map(({ at, doneAt }) => doneAt - at);
    const slowdowns = evaluations.map(slowdownOf);
    return {
      makespan,
      lowerBound: lowerBound(this.#workload, this.#builders),
      evaluations,
      meanTurnaround: turnarounds.reduce((sum, one) => sum + one, 0) / turnarounds.length,
      worstSlowdown: Math.max(...slowdowns),
      longestWait: this.#longestWait,
      steps: this.#order.length,
      utilisation: this.#utilisation(makespan),
      runs: this.#order.map((place) => this.#runOf(place)),
    };
  }

  #runOf(place: number): StepRun {
    const start = this.startOf(place);
    return { place, builder: this.#hosts[place] ?? 0, start, end: this.#ends[place] ?? start };
  }

  #utilisation(makespan: number): Map<string, number> {
    const busy = new Map<string, number>();
    for (const place of this.#order) {
      const { system } = stepAt(this.#workload, place);
      const { start, end } = this.#runOf(place);
      busy.set(system, (busy.get(system) ?? 0) + end - start);
    }
    const slots = (system: string): number =>
      this.#builders
        .filter((builder) => servesSystem(builder, system))
        .reduce((sum, builder) => sum + builder.slots, 0);
    return new Map(
      busy
        .entries()
        .map(([system, sum]) => [system, sum / (slots(system) * Math.max(makespan, 1e-9))]),
    );
  }
}

/** How many times longer it took than it would have alone; what takes no time cannot be slowed. */
export function slowdownOf({ at, doneAt, ideal }: EvaluationResult): number {
  return ideal > 0 ? (doneAt - at) / ideal : 1;
}
