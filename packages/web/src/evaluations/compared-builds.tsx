import { useResource } from '../api/resource.ts';
import type { ComparedBuildPage } from '../api/v2.ts';
import { FailureNotice, Notice } from '../parts/notice.tsx';
import { BuildTable } from '../pages/build-table.tsx';
import { comparisonQuery } from './differences.ts';
import type { ComparisonView } from './differences.ts';

/** The jobs of one kind of difference. */
export function ComparedBuilds({ address, view }: { address: string; view: ComparisonView }) {
  const { data, failure } = useResource<ComparedBuildPage>(
    `${address}/comparison/builds${comparisonQuery(view)}`,
    { isAffected: () => true },
  );
  if (data === undefined) return <FailureNotice failure={failure} />;
  if (data.items.length === 0) return <Notice title="None." />;
  return (
    <>
      <BuildTable builds={data.items} />
      {data.next === null ? null : (
        <nav class="pager" aria-label="More jobs">
          <a class="next" href={comparisonQuery({ ...view, cursor: data.next })}>
            More →
          </a>
        </nav>
      )}
    </>
  );
}
