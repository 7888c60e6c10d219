import { useRef } from 'preact/hooks';
import { makeQueueRow } from './queue-row.tsx';
import type { RowContent } from './queue-row.tsx';
import type { QueueFilter } from './queue-view.ts';
import { layOutRows } from './row-layout.ts';
import type { RowLayout, Section } from './row-layout.ts';
import { RowList } from './row-list.tsx';
import type { Shown } from './row-pool.ts';
import type { Wanted, Windows } from './windows.ts';

const rowPixels = 32;

const columns = [
  { name: 'State', cell: 'reason' },
  { name: 'Step', cell: 'name' },
  { name: 'System', cell: 'system' },
  { name: 'Jobset', cell: 'jobset' },
  { name: 'Since, or for', cell: 'inputs' },
];

/** Steps that fit a filter, below the name of their group where there is one. */
export type FilteredSection = Section & { readonly filter: QueueFilter; readonly name?: string };

/** The steps of some sections, each below its heading. */
export function StepList(props: {
  readonly sections: readonly FilteredSection[];
  readonly windows: Windows;
  readonly toggle?: (key: string) => void;
}) {
  const { sections, windows, toggle } = props;
  const layout = layOutRows(sections);
  const contentOf = useRef<(row: number) => RowContent | undefined>(() => undefined);
  contentOf.current = (row) => contentAt(layout, sections, windows, row);
  return (
    <div class="step-list" onClick={({ target }) => toggleGroup(target, toggle)}>
      <RowList
        label="Steps in the queue"
        columns={columns}
        rows={layout.rows}
        rowPixels={rowPixels}
        makeRow={() => makeQueueRow((row) => contentOf.current(row))}
        onShown={(shown) => windows.want(wantedBy(shown, layout, sections))}
      />
    </div>
  );
}

function contentAt(
  layout: RowLayout,
  sections: readonly FilteredSection[],
  windows: Windows,
  row: number,
): RowContent | undefined {
  const place = layout.placeOf(row);
  const section = place && sections[place.section];
  if (place === undefined || section === undefined) return undefined;
  if (place.type === 'step') {
    return { type: 'step', step: windows.stepAt(section.filter, place.offset) };
  }
  const { key: group = '', name = group, steps, isOpen } = section;
  return { type: 'heading', group, name, steps, isOpen };
}

/** The steps that are seen, from top to bottom. */
function* wantedBy(
  shown: Shown,
  layout: RowLayout,
  sections: readonly FilteredSection[],
): Generator<Wanted> {
  for (let row = shown.first; row <= shown.last; row++) {
    const place = layout.placeOf(row);
    const section = place && sections[place.section];
    if (place?.type === 'step' && section !== undefined) {
      yield { filter: section.filter, offset: place.offset };
    }
  }
}

/** One listener for all headings there are. */
function toggleGroup(
  target: EventTarget | null,
  toggle: ((key: string) => void) | undefined,
): void {
  const heading = target instanceof Element ? target.closest('[data-group]') : null;
  const group = heading?.getAttribute('data-group');
  if (group != null) toggle?.(group);
}
