import { closureOf, stepAt } from './workload.ts';
import type { Workload } from './workload.ts';

/**
 * No scheduler, whatever it knows, can bring the mean turnaround below this, in seconds, on so many equal slots that build
 * everything. Whichever evaluations are done first, the last of them is done no earlier than all that they need together
 * can be: a step starts no earlier than the chain below it allows, and from any moment on the work that cannot have begun
 * before it keeps all slots busy. The order of the evaluations is the one for which the sum of that is least.
 */
export function turnaroundFloor(workload: Workload, slots: number): number {
  const { evaluations } = workload;
  const sums = new Float64Array(2 ** evaluations.length).fill(Infinity);
  const work = sortedWork(workload);
  sums[0] = 0;
  for (let set = 1; set < sums.length; set += 1) {
    const done = earliestEnd(work, set, slots);
    for (const [last, { at }] of evaluations.entries()) {
      const isIn = (set & (1 << last)) !== 0;
      const before = isIn ? (sums[set - (1 << last)] ?? Infinity) : Infinity;
      sums[set] = Math.min(sums[set] ?? Infinity, before + done - at);
    }
  }
  return (sums.at(-1) ?? 0) / evaluations.length;
}

/** Steps by the earliest time at which they could start, the latest first. */
type SortedWork = {
  /** A bit for each evaluation that needs the step. */
  readonly needs: Int32Array;
  readonly starts: Float64Array;
  readonly seconds: Float64Array;
};

function sortedWork(workload: Workload): SortedWork {
  const { steps, evaluations } = workload;
  const needs = new Int32Array(steps.length);
  const asked = new Float64Array(steps.length).fill(Infinity);
  for (const [index, evaluation] of evaluations.entries()) {
    for (const place of closureOf(workload, evaluation)) {
      needs[place] = (needs[place] ?? 0) | (1 << index);
      asked[place] = Math.min(asked[place] ?? Infinity, evaluation.at);
    }
  }
  const starts = new Float64Array(steps.length);
  for (const [place, { inputs }] of steps.entries()) {
    const ready = inputs.map((input) => (starts[input] ?? 0) + stepAt(workload, input).seconds);
    starts[place] = Math.max(asked[place] ?? 0, ...ready);
  }
  const wanted = [...steps.keys()].filter((place) => needs[place] !== 0);
  wanted.sort((one, other) => (starts[other] ?? 0) - (starts[one] ?? 0));
  return {
    needs: Int32Array.from(wanted, (place) => needs[place] ?? 0),
    starts: Float64Array.from(wanted, (place) => starts[place] ?? 0),
    seconds: Float64Array.from(wanted, (place) => stepAt(workload, place).seconds),
  };
}

/** When all that a set of evaluations needs can be done at the earliest. */
function earliestEnd({ needs, starts, seconds }: SortedWork, set: number, slots: number): number {
  let end = 0;
  let work = 0;
  for (let index = 0; index < needs.length; index += 1) {
    if (((needs[index] ?? 0) & set) === 0) continue;
    const start = starts[index] ?? 0;
    const own = seconds[index] ?? 0;
    work += own;
    end = Math.max(end, start + own, start + work / slots);
  }
  return end;
}
