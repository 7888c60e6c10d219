import { useLocation } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { QueueGroup, QueueGroupList } from '../api/v2.ts';
import { formatCount } from '../parts/count.ts';
import { FailureNotice, Notice } from '../parts/notice.tsx';
import { useTitle } from '../parts/title.ts';
import { QueueFilter } from './queue-filter.tsx';
import { filterOfGroup, readQueueView } from './queue-view.ts';
import type { Grouping, QueueView } from './queue-view.ts';
import { wordsOfReason } from './reasons.ts';
import { StepList } from './step-list.tsx';
import { useWindows } from './use-windows.ts';

/** Every step that is to be built, with what it waits for. */
export function QueuePage() {
  const { query } = useLocation();
  const view = readQueueView(query);
  useTitle('Queue');
  return (
    <div class="queue-page">
      <h1 class="unseen">Queue</h1>
      {view.grouping === undefined ? (
        <QueueInOrder view={view} />
      ) : (
        <QueueInGroups key={view.grouping} view={view} grouping={view.grouping} />
      )}
    </div>
  );
}

function QueueInOrder({ view }: { view: QueueView }) {
  const { windows, failure } = useWindows();
  const total = windows.totalOf(view.filter);
  // Before it is known how many there are, the first of them are asked for.
  const section = { key: undefined, filter: view.filter, steps: total ?? 1, isOpen: true };
  return (
    <>
      <QueueFilter view={view} count={total === undefined ? '…' : countOf(total, 'step')} />
      <FailureNotice failure={failure} />
      {total === 0 ? <NoSteps view={view} /> : <StepList sections={[section]} windows={windows} />}
    </>
  );
}

function QueueInGroups({ view, grouping }: { view: QueueView; grouping: Grouping }) {
  const { windows, failure } = useWindows();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const query = new URLSearchParams({ ...view.filter, by: grouping });
  const groups = useResource<QueueGroupList>(`${apiRoot}/queue/groups?${query.toString()}`, {
    isAffected: () => true,
    isMoving: () => true,
  });
  const items = groups.data?.items;
  const sections = (items ?? []).toSorted((one, other) => stepsOf(other) - stepsOf(one));
  return (
    <>
      <QueueFilter view={view} count={items === undefined ? '…' : countOf(items.length, 'group')} />
      <FailureNotice failure={groups.failure ?? failure} />
      {items?.length === 0 ? (
        <NoSteps view={view} />
      ) : (
        <StepList
          sections={sections.map(({ key, ...counts }) => ({
            key,
            steps: stepsOf(counts),
            isOpen: open.has(key),
            filter: filterOfGroup(view.filter, grouping, key),
            name: grouping === 'reason' ? wordsOfReason(key).word : key,
          }))}
          toggle={(key) => setOpen((last) => withToggled(last, key))}
          windows={windows}
        />
      )}
    </>
  );
}

const stepsOf = (counts: Omit<QueueGroup, 'key'>): number =>
  counts.waiting + counts.runnable + counts.running + counts.ahead + counts.backingOff;

const countOf = (count: number, of: string): string =>
  `${formatCount(count)} ${of}${count === 1 ? '' : 's'}`;

function withToggled(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const others = [...keys].filter((other) => other !== key);
  return new Set(keys.has(key) ? others : [...others, key]);
}

function NoSteps({ view }: { view: QueueView }) {
  if (Object.keys(view.filter).length > 0) return <Notice title="No step is like that." />;
  return (
    <Notice title="Nothing is to be built.">Whatever is queued appears here by itself.</Notice>
  );
}
