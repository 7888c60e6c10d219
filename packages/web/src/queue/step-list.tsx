import { formatCount } from '../parts/count.ts';
import type { QueueFilter } from './queue-view.ts';
import { layOutRows } from './row-layout.ts';
import type { RowLayout, Section } from './row-layout.ts';
import { RowList } from './row-list.tsx';
import type { Shown } from './row-list.tsx';
import { StepRow } from './step-row.tsx';
import type { Wanted, Windows } from './windows.ts';

const rowPixels = 32;

const columns = [
  { name: 'State', cell: 'reason' },
  { name: 'Step', cell: 'name' },
  { name: 'System', cell: 'system' },
  { name: 'Jobset', cell: 'jobset' },
  { name: 'Since, or for', cell: 'inputs' },
];

type StepListProps = {
  readonly sections: readonly Section[];
  readonly filterOf: (key: string | undefined) => QueueFilter;
  readonly windows: Windows;
  readonly nameOf?: ((key: string) => string) | undefined;
  readonly toggle?: ((key: string) => void) | undefined;
};

/** The steps of some sections, each below its heading. */
export function StepList({ sections, filterOf, windows, nameOf, toggle }: StepListProps) {
  const layout = layOutRows(sections);
  const want = (shown: Shown): void => windows.want(wantedBy(shown, layout, sections, filterOf));
  return (
    <RowList
      label="Steps in the queue"
      columns={columns}
      layout={layout}
      rowPixels={rowPixels}
      onShown={want}
      subjectOf={(row) => {
        const place = layout.placeOf(row);
        const section = place && sections[place.section];
        if (place?.type !== 'step') return section;
        return windows.stepAt(filterOf(section?.key), place.offset);
      }}
    >
      {(row) => {
        const place = layout.placeOf(row);
        const section = place && sections[place.section];
        if (place === undefined || section === undefined) return null;
        if (place.type === 'step') {
          return <StepRow step={windows.stepAt(filterOf(section.key), place.offset)} />;
        }
        return <GroupHeading section={section} nameOf={nameOf} toggle={toggle} />;
      }}
    </RowList>
  );
}

/** The steps that are seen, from top to bottom. */
function* placesIn(shown: Shown, layout: RowLayout) {
  for (let row = shown.first; row <= shown.last; row++) {
    const place = layout.placeOf(row);
    if (place?.type === 'step') yield place;
  }
}

const wantedBy = (
  shown: Shown,
  layout: RowLayout,
  sections: readonly Section[],
  filterOf: StepListProps['filterOf'],
): Wanted[] =>
  [...placesIn(shown, layout)].map(({ section, offset }) => {
    return { filter: filterOf(sections[section]?.key), offset };
  });

function GroupHeading(
  props: { readonly section: Section } & Pick<StepListProps, 'nameOf' | 'toggle'>,
) {
  const { section, nameOf, toggle } = props;
  const { key = '', steps, isOpen } = section;
  return (
    <span role="cell" class="cell heading">
      <button type="button" data-row aria-expanded={isOpen} onClick={() => toggle?.(key)}>
        <span class="turn" aria-hidden="true">
          ▸
        </span>{' '}
        <b>{nameOf?.(key) ?? key}</b> <span class="count">{formatCount(steps)}</span>
      </button>
    </span>
  );
}
