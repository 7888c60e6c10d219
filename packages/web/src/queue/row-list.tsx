import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { RowLayout } from './row-layout.ts';

// Rows that are ready above and below what is seen, for the next turn of a wheel.
const spareRows = 8;

/** First and last row that are drawn. */
export type Shown = { readonly first: number; readonly last: number };

/**
 * A list of as many rows as one likes, all of one height, of which only those are drawn that are seen. Rows that leave at
 * one end come back at the other with new content: no element is made while one scrolls.
 */
export function RowList(props: {
  readonly label: string;
  /** Names of the columns, with the classes of their cells. */
  readonly columns: readonly { readonly name: string; readonly cell: string }[];
  readonly layout: RowLayout;
  readonly rowPixels: number;
  readonly onShown: (shown: Shown) => void;
  /** What a row shows; as long as it is the same, so is the row. */
  readonly subjectOf: (row: number) => unknown;
  readonly children: (row: number) => ComponentChildren;
}) {
  const { layout, rowPixels, label, columns, onShown, subjectOf, children } = props;
  const box = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<Shown>({ first: 0, last: 40 });
  const look = (): void => {
    const element = box.current;
    if (element === null) return;
    const first = Math.max(0, Math.floor(element.scrollTop / rowPixels) - spareRows);
    const seen = Math.ceil(element.clientHeight / rowPixels) + 2 * spareRows;
    setShown((last) =>
      last.first === first && last.last === first + seen ? last : { first, last: first + seen },
    );
  };
  useLayoutEffect(() => {
    look();
    const observer = new ResizeObserver(look);
    if (box.current !== null) observer.observe(box.current);
    return () => observer.disconnect();
  }, [rowPixels]);
  useLayoutEffect(() => onShown(shown), [shown, layout]);
  const last = Math.min(shown.last, layout.rows - 1);
  const drawn = Array.from(
    { length: Math.max(0, last - shown.first + 1) },
    (_, index) => shown.first + index,
  );
  const pool = shown.last - shown.first + 1;
  return (
    <div class="row-list" role="table" aria-label={label} aria-rowcount={layout.rows + 1}>
      <div role="rowgroup" class="columns">
        <div role="row" aria-rowindex={1} class="row">
          {columns.map(({ name, cell }) => (
            <span key={name} role="columnheader" class={`cell ${cell}`}>
              {name}
            </span>
          ))}
        </div>
      </div>
      <div ref={box} class="scroller" role="rowgroup" tabIndex={0} onScroll={look}>
        <div
          class="all-rows"
          role="presentation"
          style={{ height: `${layout.rows * rowPixels}px` }}
        >
          {drawn.map((row) => (
            <ListRow key={row % pool} row={row} subject={subjectOf(row)} top={row * rowPixels}>
              {children}
            </ListRow>
          ))}
        </div>
      </div>
    </div>
  );
}

/** Drawn anew only for another row, or when there is something else in it: most of them stay as they are while one scrolls. */
function ListRow(props: {
  readonly row: number;
  readonly subject: unknown;
  readonly top: number;
  readonly children: (row: number) => ComponentChildren;
}) {
  const { row, subject, top, children } = props;
  return useMemo(
    () => (
      <div
        role="row"
        aria-rowindex={row + 2}
        class="row"
        style={{ transform: `translateY(${top}px)` }}
      >
        {children(row)}
      </div>
    ),
    [row, subject],
  );
}
