import { useState } from 'preact/hooks';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { BuildDetail, Step, StepPage } from '../api/v2.ts';
import { createLogState } from '../log/log-state.ts';
import { LogView } from '../log/log-view.tsx';
import { derivationName } from '../parts/store-path.ts';
import { failedSteps } from '../pages/failed-steps.ts';
import { sameStep } from './same-step.ts';

/** The log of what failed, or of the build itself, beside that of the last good build; read when somebody opens it. */
export function LogsBeside({ build, good }: { build: BuildDetail; good: number }) {
  const [isOpen, open] = useState(false);
  const step = telling(build);
  if (step === undefined) return null;
  return (
    <details class="logs-beside" onToggle={({ currentTarget }) => open(currentTarget.open)}>
      <summary>Logs side by side</summary>
      {isOpen ? <Beside step={step} good={good} /> : null}
    </details>
  );
}

/** The step whose log tells how the build went. */
function telling(build: BuildDetail): Step | undefined {
  const [failed] = failedSteps(build);
  const derivation = failed?.derivation ?? build.derivation;
  return build.steps.find((step) => step.hasLog && step.derivation === derivation);
}

const never = { isAffected: () => false };

function Beside({ step, good }: { step: Step; good: number }) {
  const { data } = useResource<StepPage>(`${apiRoot}/builds/${good}/steps?limit=500`, never);
  if (data === undefined) return null;
  const before = sameStep(step, data.items);
  if (before === undefined) {
    return (
      <p class="muted">
        Nothing was built as {derivationName(step.derivation)} in{' '}
        <a href={`/builds/${good}`}>build {good}</a>.
      </p>
    );
  }
  return (
    <div class="beside">
      <OneLog step={before} name="The last good one" />
      <OneLog step={step} name="This one" />
    </div>
  );
}

function OneLog({ step, name }: { step: Step; name: string }) {
  const [log] = useState(() => createLogState(false));
  return (
    <section aria-label={name}>
      <p>
        <b>{name}</b>{' '}
        <a href={`/builds/${step.build}/steps/${step.number}`}>{derivationName(step.derivation)}</a>
      </p>
      <LogView build={step.build} step={step.number} live={false} log={log} />
    </section>
  );
}
