import { closureOf } from '../replay/workload.ts';
import type { Workload } from '../replay/workload.ts';

/** When evaluations come, and when all of each is built. */
export class Finishes {
  readonly #workload: Workload;
  readonly #done = new Set<number>();
  /** Of each evaluation that has come: when, and how many steps are left. */
  readonly #open = new Map<number, { readonly at: number; left: number }>();
  readonly #waiting = new Map<number, number[]>();
  readonly #took: number[] = [];

  constructor(workload: Workload) {
    this.#workload = workload;
  }

  get areComplete(): boolean {
    return this.#took.length === this.#workload.evaluations.length;
  }

  /** What of it is not built yet. */
  arrive(index: number, now: number): { unfinished: number[]; builds: number[] } {
    const evaluation = this.#workload.evaluations[index];
    if (evaluation === undefined) throw new Error(`a workload has no evaluation ${index}`);
    const isLeft = (place: number): boolean => !this.#done.has(place);
    const unfinished = closureOf(this.#workload, evaluation).filter(isLeft);
    if (unfinished.length === 0) this.#took.push(0);
    else this.#open.set(index, { at: now, left: unfinished.length });
    for (const place of unfinished) {
      const waiting = this.#waiting.get(place);
      if (waiting === undefined) this.#waiting.set(place, [index]);
      else waiting.push(index);
    }
    return { unfinished, builds: evaluation.builds.filter(isLeft) };
  }

  end(place: number, now: number): void {
    this.#done.add(place);
    for (const index of this.#waiting.get(place) ?? []) {
      const open = this.#open.get(index);
      if (open === undefined) continue;
      open.left -= 1;
      if (open.left === 0) this.#took.push((now - open.at) / 1_000);
    }
    this.#waiting.delete(place);
  }

  summary(): { readonly finishSeconds: number; readonly worstFinishSeconds: number } {
    const sum = this.#took.reduce((total, took) => total + took, 0);
    return {
      finishSeconds: sum / this.#took.length,
      worstFinishSeconds: Math.max(...this.#took),
    };
  }
}
