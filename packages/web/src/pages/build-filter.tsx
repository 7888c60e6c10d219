import { useLocation } from 'preact-iso/router';
import { useEffect, useRef } from 'preact/hooks';
import type { BuildCounts, BuildGroup } from '../api/v2.ts';
import { formatCount } from '../parts/count.ts';
import { buildListQuery } from './build-list-address.ts';
import type { BuildListView } from './build-list-address.ts';

const groups = [
  { status: 'running', word: 'Running' },
  { status: 'queued', word: 'Queued' },
  { status: 'succeeded', word: 'Succeeded' },
  { status: 'failed', word: 'Failed' },
] as const satisfies readonly { readonly status: BuildGroup; readonly word: string }[];

// Long enough not to ask at every letter, short enough not to be felt.
const typingMilliseconds = 200;

/** How many builds there are of each kind, which is also how to see only them; and a field to find one by name. */
export function BuildFilter({
  view,
  counts,
}: {
  view: BuildListView;
  counts: BuildCounts | undefined;
}) {
  return (
    <div class="filter">
      <nav class="groups" aria-label="Builds by status">
        <GroupLink view={view} status={undefined} word="All" count={counts && total(counts)} />
        {groups.map(({ status, word }) => (
          <GroupLink
            key={status}
            view={view}
            status={status}
            word={word}
            count={counts?.[status]}
          />
        ))}
      </nav>
      <SearchField view={view} />
    </div>
  );
}

type GroupLinkProps = {
  readonly view: BuildListView;
  readonly status: BuildGroup | undefined;
  readonly word: string;
  readonly count: number | undefined;
};

function GroupLink({ view, status, word, count }: GroupLinkProps) {
  return (
    <a
      class={`group ${status ?? 'all'}`}
      href={`/${buildListQuery({ status, search: view.search, cursor: undefined })}`}
      aria-current={view.status === status ? 'page' : undefined}
    >
      <span class="word">{word}</span>{' '}
      <span class="count">{count === undefined ? '…' : formatCount(count)}</span>
    </a>
  );
}

function SearchField({ view }: { view: BuildListView }) {
  const { route } = useLocation();
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  // The address may change by a link; the field tells what the list shows, unless somebody is writing in it.
  useEffect(() => {
    if (field.current !== null && field.current !== document.activeElement)
      field.current.value = view.search;
  }, [view.search]);

  const search = () => {
    const words = field.current?.value.trim() ?? '';
    route(`/${buildListQuery({ status: view.status, search: words, cursor: undefined })}`, true);
  };
  return (
    <input
      ref={field}
      type="search"
      placeholder="Filter by name ( f )"
      aria-label="Filter builds by name"
      aria-keyshortcuts="f"
      spellcheck={false}
      autocomplete="off"
      defaultValue={view.search}
      onInput={() => {
        clearTimeout(timer.current);
        timer.current = setTimeout(search, typingMilliseconds);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}

const total = (counts: BuildCounts): number =>
  counts.queued + counts.running + counts.succeeded + counts.failed;
