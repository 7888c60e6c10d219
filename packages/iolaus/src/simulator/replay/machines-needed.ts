import { builderFactsOf } from './machine.ts';
import type { Machine } from './machine.ts';
import { boundOf } from './bounds.ts';
import { stepAt } from './workload.ts';
import type { Workload } from './workload.ts';

/** How many machines finish in time, in the proportions of the list. */
export type Need =
  | { readonly type: 'machines'; readonly machines: readonly Machine[]; readonly seconds: number }
  /** The longest chain of steps alone takes longer than there is, on however many. */
  | { readonly type: 'impossible'; readonly criticalPath: number }
  /** Even so many times the list do not. */
  | { readonly type: 'too-many'; readonly factor: number };

/** Whoever needs more has another problem. */
const factorMax = 64;

/** Tries numbers of machines, halving the distance each time. */
export function machinesNeeded(
  workload: Workload,
  machines: readonly Machine[],
  within: number,
  replay: (machines: readonly Machine[]) => number,
): Need {
  const all = workload.steps.map((_, place) => place);
  const left = (place: number): number => stepAt(workload, place).seconds;
  const { criticalPath } = boundOf(workload, builderFactsOf(machines), all, left);
  if (criticalPath > within) return { type: 'impossible', criticalPath };
  const base = machines.reduce((sum, { count }) => sum + count, 0);
  let most = base * factorMax;
  let seconds = replay(scaled(machines, most / base));
  if (seconds > within) return { type: 'too-many', factor: factorMax };
  let tooFew = 0;
  while (most - tooFew > 1) {
    const middle = Math.floor((most + tooFew) / 2);
    const taken = replay(scaled(machines, middle / base));
    if (taken <= within) [most, seconds] = [middle, taken];
    else tooFew = middle;
  }
  return { type: 'machines', machines: scaled(machines, most / base), seconds };
}

/** At least one of each kind, since some steps may need just that. */
function scaled(machines: readonly Machine[], factor: number): Machine[] {
  return machines.map((machine) => ({
    ...machine,
    count: Math.max(1, Math.round(machine.count * factor)),
  }));
}
