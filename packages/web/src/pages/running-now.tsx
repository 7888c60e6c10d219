import { useRef } from 'preact/hooks';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { RunningSteps, StepDetail } from '../api/v2.ts';
import { derivationName } from '../parts/store-path.ts';
import { StepMark } from '../status/status-mark.tsx';
import { Elapsed } from '../time/elapsed.tsx';

// What runs longest is what one wants to know of; the rest is in the list below.
const rowsMax = 8;

/**
 * The steps that machines are at, longest running first. While builds are `unfinished` it keeps the height that it
 * had at most, so that what stands below does not jump with every short step.
 */
export function RunningNow({ unfinished }: { unfinished: boolean }) {
  const { data } = useResource<RunningSteps>(`${apiRoot}/steps/running`, {
    isAffected: () => true,
    isMoving: ({ items }) => items.length > 0,
  });
  const steps = data?.items ?? [];
  const shown = steps.slice(0, rowsMax);
  const rows = useRef(0);
  rows.current = Math.max(rows.current, shown.length);
  if (rows.current === 0 || (steps.length === 0 && !unfinished)) return null;
  return (
    <section class="running-now">
      <h2>
        Running now <span class="count">{steps.length}</span>
        {steps.length > rowsMax ? <span class="more">, longest first</span> : null}
      </h2>
      <table class="rows running">
        <caption class="unseen">Steps that are running, longest first</caption>
        <tbody>
          {shown.map((step) => (
            <RunningRow key={`${step.build}/${step.number}`} step={step} />
          ))}
          {Array.from({ length: rows.current - shown.length }, (_, index) => (
            <EmptyRow key={`empty ${index}`} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function EmptyRow() {
  return (
    <tr class="empty" aria-hidden="true">
      <td class="state">&nbsp;</td>
      <td class="name">&nbsp;</td>
      <td class="machine">&nbsp;</td>
      <td class="duration">&nbsp;</td>
    </tr>
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
