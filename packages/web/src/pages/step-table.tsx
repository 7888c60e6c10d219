import type { BuildDetail, Step } from '../api/v2.ts';
import { derivationName } from '../parts/store-path.ts';
import { TableHead } from '../parts/table-head.tsx';
import { tellError } from '../status/tell-error.ts';
import { StepMark } from '../status/status-mark.tsx';
import { ResolvedFrom, ResolvedTo } from './step-resolution.tsx';
import { standInOf } from './stand-in.ts';
import { Elapsed } from '../time/elapsed.tsx';

export function StepTable({ build }: { build: BuildDetail }) {
  const { steps } = build;
  const standIn = standInOf(build);
  return (
    <section>
      <h2>
        Steps <span class="count">{steps.length}</span>
      </h2>
      {standIn === null ? null : <StandIn step={standIn} />}
      {steps.length === 0 ? (
        <p class="muted">{standIn === null ? emptyWords(build) : null}</p>
      ) : (
        <Steps steps={steps} />
      )}
      {build.stepsLeftOut ? <p class="muted">Earlier steps are left out.</p> : null}
    </section>
  );
}

function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <table class="rows steps">
      <TableHead columns={[{ number: '#' }, 'Status', 'What', 'Machine', { number: 'Duration' }]} />
      <tbody>
        {steps.map((step) => (
          <StepRow key={step.number} step={step} steps={steps} />
        ))}
      </tbody>
    </table>
  );
}

function StepRow({ step, steps }: { step: Step; steps: readonly Step[] }) {
  return (
    <tr id={`step-${step.number}`}>
      <td class="number nr muted">{step.number}</td>
      <td class="state">
        <StepMark status={step.status} phase={step.phase} />
      </td>
      <td class="name">
        <StepName step={step} />
        {step.resolution === null ? null : <ResolvedTo step={step} resolution={step.resolution} />}
        <ResolvedFrom step={step} steps={steps} />
        {step.error === null ? null : (
          <span class="error-text" title={step.error}>
            {tellError(step.error)}
          </span>
        )}
      </td>
      <td class="machine muted">{step.machine ?? '–'}</td>
      <td class="number duration">
        <Elapsed {...step} running={step.status === 'running'} />
      </td>
    </tr>
  );
}

function StepName({ step }: { step: Step }) {
  const name = derivationName(step.derivation);
  if (step.type === 'substitution') {
    return (
      <>
        {name} <span class="muted">was there</span>
      </>
    );
  }
  if (step.origin !== null) {
    const { build, step: number } = step.origin;
    return (
      <>
        {number === null ? (
          name
        ) : (
          <a data-row href={`/builds/${build}/steps/${number}`}>
            {name}
          </a>
        )}
        <span class="muted">
          {' '}
          in <a href={`/builds/${build}`}>build {build}</a>
        </span>
      </>
    );
  }
  if (!step.hasLog) return <>{name}</>;
  return (
    <a data-row href={`/builds/${step.build}/steps/${step.number}`}>
      {name}
    </a>
  );
}

/** The work was charged to another build, which wanted the same. */
function StandIn({ step }: { step: Step }) {
  return (
    <p class="stand-in">
      {step.status === 'running' ? 'Its work is being done' : 'Its work was done'} in{' '}
      <a href={`/builds/${step.build}`}>build {step.build}</a>
      {step.hasLog ? (
        <>
          : <a href={`/builds/${step.build}/steps/${step.number}`}>the log</a>
        </>
      ) : null}
      .
    </p>
  );
}

function emptyWords(build: BuildDetail): string {
  if (build.status === 'queued') return 'None yet: it waits for its turn.';
  return build.cached ? 'None: the result was there already.' : 'None.';
}
