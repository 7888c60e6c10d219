import { stepChanges } from './step-state.ts';

/** The life of a step as a Mermaid diagram, made from the table that the farm itself goes by. */
export function printStateDiagram(): string {
  const lines = ['stateDiagram-v2', '  [*] --> waiting: queued'];
  for (const [change, { from, to }] of Object.entries(stepChanges)) {
    for (const state of from) lines.push(`  ${state} --> ${to}: ${change}`);
  }
  return [...lines, '  finished --> [*]', ''].join('\n');
}
