import { useResource } from '../api/resource.ts';
import type { RunningSteps, StepDetail } from '../api/shapes.ts';
import { derivationName } from '../parts/store-path.ts';
import { StepMark } from '../status/status-mark.tsx';
import { Elapsed } from '../time/elapsed.tsx';

// What runs longest is what one wants to know of; the rest is in the list below.
const rowsMax = 8;

/** The steps that machines are at, longest running first. Nothing where nothing runs. */
export function RunningNow() {
  const { data } = useResource<RunningSteps>('/api/steps/running', {
    isAffected: () => true,
    isMoving: ({ steps }) => steps.length > 0,
  });
  const steps = data?.steps ?? [];
  if (steps.length === 0) return null;
  return (
    <section class="running-now">
      <h2>
        Running now <span class="count">{steps.length}</span>
      </h2>
      <table class="rows running">
        <caption class="unseen">Steps that are running, longest first</caption>
        <tbody>
          {steps.slice(0, rowsMax).map((step) => (
            <RunningRow key={`${step.build}/${step.number}`} step={step} />
          ))}
        </tbody>
      </table>
      {steps.length > rowsMax ? <p class="muted more">and {steps.length - rowsMax} more</p> : null}
    </section>
  );
}

function RunningRow({ step }: { step: StepDetail }) {
  return (
    <tr>
      <td class="state">
        <StepMark status={step.status} phase={step.phase} />
      </td>
      <td class="name">
        <a data-row href={`/builds/${step.build}/steps/${step.number}`}>
          {derivationName(step.derivation)}
        </a>
        <span class="muted"> for {step.job}</span>
      </td>
      <td class="machine muted">{step.machine}</td>
      <td class="number duration">
        <Elapsed {...step} running />
      </td>
    </tr>
  );
}
