import { useLocation } from 'preact-iso/router';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { Evaluation, EvaluationPage } from '../api/v2.ts';
import { FailureNotice, Notice } from '../parts/notice.tsx';
import { useTitle } from '../parts/title.ts';
import { TableHead } from '../parts/table-head.tsx';
import { Moment } from '../time/elapsed.tsx';
import { OutcomeBar } from './outcome-bar.tsx';

/** The evaluations that found something new, newest first, and how their builds stand. */
export function EvaluationsPage() {
  const { query } = useLocation();
  const wanted = new URLSearchParams(query);
  const { data, failure } = useResource<EvaluationPage>(`${apiRoot}/evaluations?${wanted}`, {
    isAffected: () => true,
  });
  useTitle('Evaluations');
  return (
    <>
      <h1 class="unseen">Evaluations</h1>
      <FailureNotice failure={failure} />
      {data?.items.length === 0 ? (
        <Notice title="No evaluations yet.">
          <code>iolaus build FILE.nix</code> makes one.
        </Notice>
      ) : null}
      {data === undefined || data.items.length === 0 ? null : (
        <EvaluationTable evaluations={data.items} />
      )}
      {data?.next == null ? null : (
        <nav class="pager" aria-label="More evaluations">
          <a class="next" href={`/evaluations?${withCursor(wanted, data.next)}`}>
            Older →
          </a>
        </nav>
      )}
    </>
  );
}

function withCursor(query: URLSearchParams, cursor: string): URLSearchParams {
  const next = new URLSearchParams(query);
  next.set('cursor', cursor);
  return next;
}

function EvaluationTable({ evaluations }: { evaluations: readonly Evaluation[] }) {
  return (
    <table class="rows builds evaluations">
      <caption class="unseen">Evaluations, newest first</caption>
      <TableHead columns={['Evaluation', 'Builds', { number: 'When' }]} />
      <tbody>
        {evaluations.map((evaluation) => (
          <EvaluationRow key={evaluation.id} evaluation={evaluation} />
        ))}
      </tbody>
    </table>
  );
}

function EvaluationRow({ evaluation }: { evaluation: Evaluation }) {
  const { id, project, jobset, evaluatedAt, error } = evaluation;
  return (
    <tr>
      <td class="name">
        <a data-row href={`/evaluations/${id}`}>
          {project}:{jobset}
        </a>
        <span class="muted"> {id}</span>
        {error === null ? null : <span class="error-text">has errors</span>}
      </td>
      <td class="outcomes">
        <OutcomeBar {...evaluation} />
      </td>
      <td class="number when muted">
        <Moment at={evaluatedAt} />
      </td>
    </tr>
  );
}
