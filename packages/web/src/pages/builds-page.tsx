import { useLocation } from 'preact-iso/router';
import { useResource } from '../api/resource.ts';
import type { BuildList, Overview } from '../api/shapes.ts';
import { FailureNotice, Notice } from '../parts/notice.tsx';
import { useTitle } from '../parts/title.ts';
import { hasEnded } from '../status/words.ts';
import { BuildFilter } from './build-filter.tsx';
import { buildListQuery, readBuildListView } from './build-list-address.ts';
import type { BuildListView } from './build-list-address.ts';
import { BuildTable } from './build-table.tsx';
import { MachineList } from './machine-list.tsx';
import { PoolList } from './pool-list.tsx';
import { RunningNow } from './running-now.tsx';

/** The first page: how the farm stands, what it is doing, and its builds. */
export function BuildsPage() {
  const { query } = useLocation();
  const view = readBuildListView(query);
  const { data, failure } = useResource<BuildList>(`/api/builds${buildListQuery(view)}`, {
    isAffected: () => true,
    isMoving: (list) => list.builds.some((build) => build.status === 'running'),
  });
  const overview = useResource<Overview>('/api/overview', { isAffected: () => true });
  useTitle(titleOf(data));
  return (
    <>
      <h1 class="unseen">Builds</h1>
      <BuildFilter view={view} counts={overview.data?.builds} />
      <MachineList machines={overview.data?.machines} />
      <PoolList />
      <FailureNotice failure={failure} />
      {showsRunning(view) ? <RunningNow unfinished={hasUnfinished(overview.data)} /> : null}
      {data === undefined ? null : <Builds list={data} view={view} />}
    </>
  );
}

function Builds({ list, view }: { list: BuildList; view: BuildListView }) {
  if (list.builds.length === 0) return <NoBuilds view={view} />;
  return (
    <>
      <BuildTable builds={list.builds} />
      <nav class="pager" aria-label="More builds">
        {view.before === undefined ? null : (
          <a href={`/${buildListQuery({ ...view, before: undefined })}`}>← Newest</a>
        )}
        {list.next === null ? null : (
          <a class="next" href={`/${buildListQuery({ ...view, before: String(list.next) })}`}>
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
  if (view.before !== undefined) return <Notice title="There are no older builds." />;
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
const showsRunning = ({ status, search, before }: BuildListView): boolean =>
  before === undefined && search === '' && (status === undefined || status === 'running');

const hasUnfinished = (overview: Overview | undefined): boolean =>
  overview !== undefined && overview.builds.queued + overview.builds.running > 0;

function titleOf(list: BuildList | undefined): string {
  const unfinished = list?.builds.filter((build) => !hasEnded(build.status)).length ?? 0;
  return unfinished === 0 ? 'Builds' : `Builds (${unfinished} to go)`;
}
