import type { BuildDetail } from '../api/v2.ts';
import { LogEnd } from '../log/log-end.tsx';
import { derivationName } from '../parts/store-path.ts';
import { stepVerbs } from '../status/words.ts';
import { tellError } from '../status/tell-error.ts';
import { failedSteps } from './failed-steps.ts';
import type { FailedStep } from './failed-steps.ts';

// Beyond a few the first ones tell the story; the table has them all.
const shownMax = 5;

/** Why the build failed, with the last words of what failed. Nothing for builds that did not. */
export function BuildFailure({ build }: { build: BuildDetail }) {
  const failures = failedSteps(build);
  if (failures.length === 0) return null;
  return (
    <section class="why" aria-label="Why it failed">
      {failures.slice(0, shownMax).map((failure) => (
        <Failure key={failure.derivation} failure={failure} build={build} />
      ))}
      {failures.length > shownMax ? (
        <p>and {failures.length - shownMax} more, listed below</p>
      ) : null}
    </section>
  );
}

function Failure({ failure, build }: { failure: FailedStep; build: BuildDetail }) {
  const { logOf } = failure;
  const verb = stepVerbs[failure.status];
  const isOwn = failure.derivation === build.derivation;
  return (
    <div class="failure">
      <p class="reason">
        {isOwn ? (
          <>Its own step {verb}</>
        ) : (
          <>
            Failed because its dependency <b>{derivationName(failure.derivation)}</b> {verb}
          </>
        )}
        {failure.build === build.id ? null : (
          <>
            {' '}
            in <a href={`/builds/${failure.build}`}>build {failure.build}</a>
          </>
        )}
        {failure.error === null ? '.' : `: ${tellError(failure.error)}`}
        {logOf === null ? null : (
          <a class="to-log" href={`/builds/${failure.build}/steps/${logOf}`}>
            Whole log
          </a>
        )}
      </p>
      {logOf === null ? null : <LogEnd build={failure.build} step={logOf} />}
    </div>
  );
}
