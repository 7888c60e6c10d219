import { useLocation } from 'preact-iso/router';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { Evaluation, EvaluationPage } from '../api/v2.ts';

// Who wants an older one writes it into the address.
const choices = 100;

/** Which evaluation of the jobset it is compared with. */
export function ComparisonChoice({
  evaluation: { id, project, jobset },
  other,
}: {
  evaluation: Evaluation;
  other: number | null;
}) {
  const { route } = useLocation();
  const query = new URLSearchParams({ project, jobset, limit: String(choices) });
  const { data } = useResource<EvaluationPage>(`${apiRoot}/evaluations?${query}`, {
    isAffected: () => false,
  });
  const ids = new Set((data?.items ?? []).map((one) => one.id).filter((one) => one !== id));
  if (other !== null) ids.add(other);
  if (ids.size === 0) return <p class="muted">There is no other one to compare it with.</p>;
  return (
    <label class="comparison-choice">
      <span class="muted">Compared with</span>{' '}
      <select
        value={other ?? undefined}
        onChange={({ currentTarget }) => route(`/evaluations/${id}?with=${currentTarget.value}`)}
      >
        {[...ids]
          .toSorted((one, another) => another - one)
          .map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
      </select>
    </label>
  );
}
