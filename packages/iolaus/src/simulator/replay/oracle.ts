import { Heap } from '../../farm/queues/heap.ts';
import { closureOf, stepAt } from './workload.ts';
import type { Workload } from './workload.ts';

/**
 * When a scheduler that knows all build times would be done on so many equal slots that build everything: one critical
 * path over all evaluations. Seconds.
 */
export function oracleMakespan(workload: Workload, slots: number): number {
  return new Oracle(workload, slots).run();
}

class Oracle {
  readonly #workload: Workload;
  readonly #dependents: readonly number[][];
  /** Inputs that are not built; a step that nobody has asked for has one more than it could get. */
  readonly #missing: Int32Array;
  readonly #lengths: Float64Array;
  readonly #wanted: Uint8Array;
  readonly #done: Uint8Array;
  readonly #running = new Heap<{ readonly place: number; readonly at: number }>(
    (one, other) => one.at < other.at,
  );
  #runnable = this.#emptyQueue();
  #free: number;
  #now = 0;

  constructor(workload: Workload, slots: number) {
    const { length } = workload.steps;
    this.#workload = workload;
    this.#free = slots;
    this.#missing = new Int32Array(length);
    this.#lengths = new Float64Array(length);
    this.#wanted = new Uint8Array(length);
    this.#done = new Uint8Array(length);
    this.#dependents = Array.from({ length }, () => []);
    for (const [place, { inputs }] of workload.steps.entries()) {
      for (const input of inputs) this.#dependents[input]?.push(place);
    }
  }

  run(): number {
    const arrivals = [...this.#workload.evaluations];
    for (;;) {
      this.#start();
      const [next] = arrivals;
      const ending = this.#running.first();
      if (next !== undefined && next.at <= (ending?.at ?? Infinity)) {
        arrivals.shift();
        this.#now = next.at;
        this.#ask(closureOf(this.#workload, next));
      } else if (ending !== undefined) {
        this.#running.takeFirst();
        this.#now = ending.at;
        this.#end(ending.place);
      } else return this.#now;
    }
  }

  #emptyQueue(): Heap<number> {
    return new Heap((one, other) => this.#lengthOf(one) > this.#lengthOf(other));
  }

  #lengthOf(place: number): number {
    return this.#lengths[place] ?? 0;
  }

  #start(): void {
    while (this.#free > 0) {
      const place = this.#runnable.takeFirst();
      if (place === undefined) return;
      this.#free -= 1;
      this.#running.add({ place, at: this.#now + stepAt(this.#workload, place).seconds });
    }
  }

  #end(place: number): void {
    this.#done[place] = 1;
    this.#free += 1;
    for (const dependent of this.#dependents[place] ?? []) {
      if (this.#wanted[dependent] !== 1) continue;
      const missing = (this.#missing[dependent] ?? 0) - 1;
      this.#missing[dependent] = missing;
      if (missing === 0) this.#runnable.add(dependent);
    }
  }

  /** All chains are measured anew, and what waits is put in their order. */
  #ask(closure: readonly number[]): void {
    const fresh = closure.filter((place) => this.#wanted[place] !== 1);
    for (const place of fresh) this.#wanted[place] = 1;
    this.#measure();
    const waiting = [...this.#runnable.entries()];
    this.#runnable = this.#emptyQueue();
    for (const place of waiting) this.#runnable.add(place);
    for (const place of fresh) {
      const { inputs } = stepAt(this.#workload, place);
      const missing = inputs.filter((input) => this.#done[input] !== 1).length;
      this.#missing[place] = missing;
      if (missing === 0) this.#runnable.add(place);
    }
  }

  #measure(): void {
    for (let place = this.#workload.steps.length - 1; place >= 0; place -= 1) {
      if (this.#wanted[place] !== 1) continue;
      let above = 0;
      for (const dependent of this.#dependents[place] ?? []) {
        if (this.#wanted[dependent] === 1) above = Math.max(above, this.#lengthOf(dependent));
      }
      this.#lengths[place] = above + stepAt(this.#workload, place).seconds;
    }
  }
}
