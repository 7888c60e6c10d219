import { Fragment } from 'preact';
import type { Resolution, Step } from '../api/v2.ts';
import { derivationName } from '../parts/store-path.ts';
import { resolvedInto } from './resolved-into.ts';

/** What it turned out to be, with a way there. */
export function ResolvedTo({ step, resolution }: { step: Step; resolution: Resolution }) {
  const { step: attempt, wasBuilt } = resolution;
  const isElsewhere = attempt !== null && attempt.build !== step.build;
  return (
    <span class="muted" title={resolution.derivation}>
      {' → '}
      <Attempt resolution={resolution} />
      {wasBuilt ? ', built before' : null}
      {isElsewhere ? (
        <>
          {' in '}
          <a href={`/builds/${attempt.build}`}>build {attempt.build}</a>
        </>
      ) : null}
    </span>
  );
}

function Attempt({ resolution: { derivation, step } }: { resolution: Resolution }) {
  const name = derivationName(derivation);
  if (step === null) return <>{name}</>;
  return <a href={`/builds/${step.build}/steps/${step.step}`}>{name}</a>;
}

/** The steps of its build that turned out to be this one. */
export function ResolvedFrom({ step, steps }: { step: Step; steps: readonly Step[] }) {
  const origins = resolvedInto(step, steps);
  if (origins.length === 0) return null;
  return (
    <span class="muted">
      {' for '}
      {origins.map(({ number, derivation }, index) => (
        <Fragment key={number}>
          {index === 0 ? null : ', '}
          <a href={`#step-${number}`} title={derivation}>
            step {number}
          </a>
        </Fragment>
      ))}
    </span>
  );
}
