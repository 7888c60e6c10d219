import type { Step } from '../graph/step.ts';

type Visit = { readonly step: Step; readonly inputs: Iterator<Step> };

/** The steps in such an order that each comes after those of its dependents that are among them. */
export function dependentsFirst(steps: Iterable<Step>): Step[] {
  const open = new Set(steps);
  const inputsFirst: Step[] = [];
  for (const start of open) {
    // A stack of our own: chains in a graph are longer than a program's stack is deep.
    const stack = [visit(open, start)];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = nextOpen(open, top.inputs);
      if (next !== undefined) {
        stack.push(visit(open, next));
        continue;
      }
      inputsFirst.push(top.step);
      stack.pop();
    }
  }
  return inputsFirst.reverse();
}

function visit(open: Set<Step>, step: Step): Visit {
  open.delete(step);
  return { step, inputs: step.inputs.values() };
}

function nextOpen(open: ReadonlySet<Step>, inputs: Iterator<Step>): Step | undefined {
  for (let next = inputs.next(); next.done !== true; next = inputs.next()) {
    if (open.has(next.value)) return next.value;
  }
  return undefined;
}
