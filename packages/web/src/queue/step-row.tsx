import type { QueuedStep } from '../api/v2.ts';
import { secondsOrNull } from '../api/v2.ts';
import { StatusMark } from '../status/status-mark.tsx';
import { Moment } from '../time/elapsed.tsx';
import { jobsetsText, wordsOfReason } from './reasons.ts';

/** A step of the queue in a row of its own; an empty one until it has come. */
export function StepRow({ step }: { step: QueuedStep | undefined }) {
  if (step === undefined) {
    return (
      <span role="cell" class="cell coming">
        …
      </span>
    );
  }
  return (
    <>
      <span role="cell" class="cell reason">
        <StatusMark {...wordsOfReason(step.reason)} />
      </span>
      <span role="cell" class="cell name">
        {step.build === null ? (
          step.name
        ) : (
          <a data-row href={`/builds/${step.build}`} title={step.derivation}>
            {step.name}
          </a>
        )}
      </span>
      <span role="cell" class="cell system">
        {step.system}
      </span>
      <span role="cell" class="cell jobset">
        {jobsetsText(step)}
      </span>
      <span role="cell" class="cell inputs">
        {step.inputs === 0 ? '' : step.inputs === 1 ? '1 input' : `${step.inputs} inputs`}
        {step.inputs === 0 && step.since !== null ? (
          <Moment at={secondsOrNull(step.since)} />
        ) : null}
      </span>
    </>
  );
}
