import { useLocation } from 'preact-iso/router';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { BuildCounts, BuildPage } from '../api/v2.ts';
import { FailureNotice, Notice } from '../parts/notice.tsx';
import { useTitle } from '../parts/title.ts';
import { hasEnded } from '../status/words.ts';
import { BuildFilter } from './build-filter.tsx';
import { buildListQuery, readBuildListView } from './build-list-address.ts';
import type { BuildListView } from './build-list-address.ts';
import { BuildTable } from './build-table.tsx';
import { RunningNow } from './running-now.tsx';

/** The first page: how the farm stands, what it is doing, and its builds. */
export function BuildsPage() {
  const { query } = useLocation();
  const view = readBuildListView(query);
  const { data, failure } = useResource<BuildPage>(`${apiRoot}/builds${buildListQuery(view)}`, {
    isAffected: () => true,
    isMoving: (list) => list.items.some((build) => build.status === 'running'),
  });
  const counts = useResource<BuildCounts>(`${apiRoot}/builds/counts`, { isAffected: () => true });
  useTitle(titleOf(data));
  return (
    <>
      <h1 class="unseen">Builds</h1>
      <BuildFilter view={view} counts={counts.data} />
      <FailureNotice failure={failure} />
      {showsRunning(view) ? <RunningNow unfinished={hasUnfinished(counts.data)} /> : null}
      {data === undefined ? null : <Builds list={data} view={view} />}
    </>
  );
}

function Builds({ list, view }: { list: BuildPage; view: BuildListView }) {
  if (list.items.length === 0) return <NoBuilds view={view} />;
  return (
    <>
      <BuildTable builds={list.items} />
      <nav class="pager" aria-label="More builds">
        {view.cursor === undefined ? null : (
          <a href={`/${buildListQuery({ ...view, cursor: undefined })}`}>← Newest</a>
        )}
        {list.next === null ? null : (
          <a class="next" href={`/${buildListQuery({ ...view, cursor: list.next })}`}>
            Older →
          </a>
        )}
      </nav>
    </>
  );
}

function NoBuilds({ view }: { view: BuildListView }) {
  if (view.search !== '')
    return <Notice title={`No build is called anything like “${view.search}”.`} />;
  if (view.status !== undefined)
    return <Notice title={`No build is ${emptyWords[view.status]}.`} />;
  if (view.cursor !== undefined) return <Notice title="There are no older builds." />;
  return (
    <Notice title="No builds yet.">
      Queue some with <code>iolaus build FILE.nix</code>; they appear here by themselves.
    </Notice>
  );
}

const emptyWords = {
  queued: 'waiting',
  running: 'running at the moment',
  succeeded: 'among those that succeeded',
  failed: 'among those that failed',
} as const;

/** What runs is told with all builds, not with some that were looked for. */
const showsRunning = ({ status, search, cursor }: BuildListView): boolean =>
  cursor === undefined && search === '' && (status === undefined || status === 'running');

const hasUnfinished = (counts: BuildCounts | undefined): boolean =>
  counts !== undefined && counts.queued + counts.running > 0;

function titleOf(list: BuildPage | undefined): string {
  const unfinished = list?.items.filter((build) => !hasEnded(build.status)).length ?? 0;
  return unfinished === 0 ? 'Builds' : `Builds (${unfinished} to go)`;
}
