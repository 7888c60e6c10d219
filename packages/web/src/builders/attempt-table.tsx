import { secondsOrNull } from '../api/v2.ts';
import type { Attempt } from '../api/v2.ts';
import { derivationName } from '../parts/store-path.ts';
import { StepMark } from '../status/status-mark.tsx';
import { tellError } from '../status/tell-error.ts';
import { Elapsed, Moment } from '../time/elapsed.tsx';

// The picture above has them all.
const rowsMax = 50;

/** Attempts at a builder: those under way, then those that were over last. */
export function AttemptTable({ attempts }: { attempts: readonly Attempt[] }) {
  if (attempts.length === 0) return <p class="muted">Nothing ran here.</p>;
  const inOrder = attempts.toSorted((one, other) => endOf(other) - endOf(one)).slice(0, rowsMax);
  return (
    <table class="rows running attempts">
      <caption class="unseen">Attempts, the last one first</caption>
      <tbody>
        {inOrder.map((attempt) => (
          <AttemptRow key={`${attempt.build}/${attempt.number}`} attempt={attempt} />
        ))}
      </tbody>
    </table>
  );
}

const endOf = ({ stoppedAt }: Attempt): number => secondsOrNull(stoppedAt) ?? Infinity;

function AttemptRow({ attempt }: { attempt: Attempt }) {
  const { build, number, status, phase, derivation, job, error, stoppedAt } = attempt;
  const running = status === 'running';
  return (
    <tr>
      <td class="state">
        <StepMark status={status} phase={phase} />
      </td>
      <td class="name">
        <a data-row href={`/builds/${build}/steps/${number}`}>
          {derivationName(derivation)}
        </a>
        <span class="muted"> for {job}</span>
        {error === null ? null : <span class="error-text">{tellError(error)}</span>}
      </td>
      <td class="number duration">
        <Elapsed {...attempt} running={running} />
      </td>
      <td class="number when">{running ? 'now' : <Moment at={stoppedAt} />}</td>
    </tr>
  );
}
