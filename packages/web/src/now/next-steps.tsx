import type { QueuedStep } from '../api/v2.ts';
import { jobsetsText } from '../queue/reasons.ts';
import { tellTimeLeft } from './queue-depth.tsx';

/** What is about to run, the next one first. */
export function NextSteps({ steps }: { steps: readonly QueuedStep[] }) {
  return (
    <table class="rows next-steps">
      <caption class="unseen">Steps that are about to run, in their order</caption>
      <tbody>
        {steps.map((step, index) => (
          <tr key={step.derivation}>
            <td class="number muted place">{index + 1}</td>
            <td class="name">
              {step.build === null ? (
                step.name
              ) : (
                <a data-row href={`/builds/${step.build}`}>
                  {step.name}
                </a>
              )}
            </td>
            <td class="system muted">{step.system}</td>
            <td class="jobset muted">{jobsetsText(step)}</td>
            <td class="number" title="Expected on a machine of speed 1">
              {tellTimeLeft(step.expectedSeconds)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
