import { useLocation } from 'preact-iso/router';
import { useEffect, useRef } from 'preact/hooks';
import { groupings, queueAddress } from './queue-view.ts';
import type { QueueFilter as Filter, QueueView } from './queue-view.ts';
import { wordsOfReason } from './reasons.ts';

// Long enough not to ask at every letter, short enough not to be felt.
const typingMilliseconds = 120;

/** How much of the queue is shown, and the ways to show less of it, or in groups. */
export function QueueFilter({ view, count }: { view: QueueView; count: string }) {
  return (
    <div class="filter queue-filter">
      <p class="total" role="status">
        {count}
      </p>
      <nav class="groups" aria-label="Groups">
        {[undefined, ...groupings].map((grouping) => (
          <a
            key={grouping ?? 'none'}
            class="group"
            href={queueAddress({ ...view, grouping })}
            aria-current={view.grouping === grouping ? 'true' : undefined}
          >
            {grouping === undefined ? 'In order' : `By ${grouping}`}
          </a>
        ))}
      </nav>
      <Chips view={view} />
      <SearchField view={view} />
    </div>
  );
}

/** What the list was narrowed to, each with the way to have it back. */
function Chips({ view }: { view: QueueView }) {
  const { search: _, ...narrowed } = view.filter;
  return (
    <>
      {Object.entries(narrowed).map(([name, value]) => (
        <a
          key={name}
          class="chip"
          href={queueAddress({ ...view, filter: without(view.filter, name) })}
          aria-label={`Show not only ${name} ${value}`}
        >
          {name === 'reason' ? wordsOfReason(value).word : value} <span aria-hidden="true">×</span>
        </a>
      ))}
    </>
  );
}

const without = (filter: Filter, name: string): Filter =>
  Object.fromEntries(Object.entries(filter).filter(([key]) => key !== name));

function SearchField({ view }: { view: QueueView }) {
  const { route } = useLocation();
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const search = view.filter.search ?? '';
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (field.current !== null && field.current !== document.activeElement)
      field.current.value = search;
  }, [search]);
  const apply = () => {
    const words = field.current?.value.trim() ?? '';
    const others = without(view.filter, 'search');
    route(
      queueAddress({ ...view, filter: words === '' ? others : { ...others, search: words } }),
      true,
    );
  };
  return (
    <input
      ref={field}
      type="search"
      placeholder="Filter by name ( f )"
      aria-label="Filter steps by name"
      aria-keyshortcuts="f"
      spellcheck={false}
      autocomplete="off"
      defaultValue={search}
      onInput={() => {
        clearTimeout(timer.current);
        timer.current = setTimeout(apply, typingMilliseconds);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}
