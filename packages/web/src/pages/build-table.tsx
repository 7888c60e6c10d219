import type { BuildSummary } from '../api/v2.ts';
import { TableHead } from '../parts/table-head.tsx';
import { BuildMark } from '../status/status-mark.tsx';
import { Elapsed, Moment } from '../time/elapsed.tsx';

export function BuildTable({ builds }: { builds: readonly BuildSummary[] }) {
  return (
    <table class="rows builds">
      <caption class="unseen">Builds, newest first</caption>
      <TableHead
        columns={['Status', 'Job', 'Jobset', 'System', { number: 'Duration' }, { number: 'When' }]}
      />
      <tbody>
        {builds.map((build) => (
          <BuildRow key={build.id} build={build} />
        ))}
      </tbody>
    </table>
  );
}

function BuildRow({ build }: { build: BuildSummary }) {
  return (
    <tr>
      <td class="state">
        <BuildMark status={build.status} />
      </td>
      <td class="name">
        <a data-row href={`/builds/${build.id}`}>
          {build.job}
        </a>
        {build.name === null || build.name === build.job ? null : (
          <span class="muted"> {build.name}</span>
        )}
      </td>
      <td class="jobset muted">
        {build.project}:{build.jobset}
      </td>
      <td class="system muted">{build.system}</td>
      <td class="number duration">
        {build.cached ? (
          <span class="muted" title="The result was there already">
            cached
          </span>
        ) : (
          <Elapsed {...build} running={build.status === 'running'} />
        )}
      </td>
      <td class="number when muted">
        <Moment at={build.stoppedAt ?? build.startedAt ?? build.queuedAt} />
      </td>
    </tr>
  );
}
