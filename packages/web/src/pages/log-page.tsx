import { useRoute } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { logAddress } from '../api/log-source.ts';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { StepDetail } from '../api/v2.ts';
import { createLogState } from '../log/log-state.ts';
import type { LogState } from '../log/log-state.ts';
import { LogView } from '../log/log-view.tsx';
import { Crumbs } from '../parts/crumbs.tsx';
import { FailureNotice, Notice } from '../parts/notice.tsx';
import { derivationName } from '../parts/store-path.ts';
import { useTitle } from '../parts/title.ts';
import { StepMark } from '../status/status-mark.tsx';
import { Elapsed } from '../time/elapsed.tsx';

export function LogPage() {
  const { params } = useRoute();
  const build = params['build'] ?? '';
  const step = params['step'] ?? '';
  return <StepLog key={`${build}/${step}`} build={build} step={step} />;
}

function StepLog({ build, step }: { build: string; step: string }) {
  const address = `${apiRoot}/builds/${encodeURIComponent(build)}/steps/${encodeURIComponent(step)}`;
  const { data, failure } = useResource<StepDetail>(address, {
    isAffected: (change) => change.builds.includes(Number(build)),
    isMoving: (step) => step.status === 'running',
  });
  useTitle(data === undefined ? 'Log' : `Log of ${derivationName(data.derivation)}`);
  return (
    <div class="log-page">
      <Crumbs>
        <a href="/">Builds</a>
        <a href={`/builds/${build}`} data-key="up">
          {data?.job ?? build}
        </a>
        <span aria-current="page">step {step}</span>
      </Crumbs>
      {data === undefined && failure?.status === 404 ? (
        <Notice title="There is no such step.">
          See <a href={`/builds/${build}`}>the build</a>.
        </Notice>
      ) : (
        <FailureNotice failure={failure} />
      )}
      {data === undefined ? null : <LogBody step={data} />}
    </div>
  );
}

function LogBody({ step }: { step: StepDetail }) {
  // A step that ran when the page was opened is followed to its end, and not read once more when it has ended.
  const [live] = useState(step.status === 'running');
  const [log] = useState(() => createLogState(live));
  return (
    <>
      <header class="log-head">
        <h1>{derivationName(step.derivation)}</h1>
        <StepMark status={step.status} phase={step.phase} />
        <span class="muted">
          {step.machine === null ? null : <>{step.machine} · </>}
          <Elapsed {...step} running={step.status === 'running'} />
        </span>
        <LogControls step={step} log={log} />
      </header>
      <LogRemarks log={log} />
      <LogView build={step.build} step={step.number} live={live} log={log} />
    </>
  );
}

function LogControls({ step, log }: { step: StepDetail; log: LogState }) {
  return (
    <span class="controls">
      <button
        type="button"
        data-key="follow"
        aria-pressed={log.following.value}
        title="Keep to the end (e)"
        onClick={() => {
          log.following.value = !log.following.value;
        }}
      >
        {log.state.value === 'ended' ? 'To the end' : 'Follow'}
      </button>
      <a class="button" href={logAddress(step.build, step.number)}>
        Raw
      </a>
    </span>
  );
}

function LogRemarks({ log }: { log: LogState }) {
  return (
    <>
      {log.state.value === 'missing' ? (
        <Notice title="There is no log.">{log.problem.value}</Notice>
      ) : null}
      {log.state.value === 'interrupted' ? (
        <p class="failure-notice">The connection is lost. Trying again.</p>
      ) : null}
      {log.isEmpty.value && log.state.value === 'ended' ? (
        <Notice title="The log is empty." />
      ) : null}
      {log.isEmpty.value && log.state.value === 'live' ? <p class="muted">Nothing yet.</p> : null}
    </>
  );
}
