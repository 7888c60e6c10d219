import type { TargetedPointerEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { now } from '../time/clock.ts';
import { tellExactly } from '../time/elapsed.tsx';
import { openRowPool } from './row-pool.ts';
import type { PooledRow, RowPool, Shown } from './row-pool.ts';

/** A list that scrolls in a box of its own. What its rows show is asked of them again whenever the list is drawn again. */
export function RowList(props: {
  readonly label: string;
  /** Names of the columns, with the classes of their cells. */
  readonly columns: readonly { readonly name: string; readonly cell: string }[];
  readonly rows: number;
  readonly rowPixels: number;
  readonly makeRow: () => PooledRow;
  readonly onShown: (shown: Shown) => void;
}) {
  const { label, columns, rows, rowPixels } = props;
  const latest = useRef(props);
  latest.current = props;
  const scroller = useRef<HTMLDivElement>(null);
  const ground = useRef<HTMLDivElement>(null);
  const pool = useRef<RowPool>(undefined);
  useLayoutEffect(() => {
    if (scroller.current === null || ground.current === null) return undefined;
    const opened = openRowPool({
      scroller: scroller.current,
      ground: ground.current,
      rowPixels,
      makeRow: () => latest.current.makeRow(),
      onShown: (shown) => latest.current.onShown(shown),
    });
    pool.current = opened;
    return opened.close;
  }, [rowPixels]);
  useLayoutEffect(() => pool.current?.draw(rows));
  useEffect(() => now.subscribe(() => pool.current?.draw(latest.current.rows)), []);
  return (
    <div class="row-list" role="table" aria-label={label} aria-rowcount={rows + 1}>
      <div role="rowgroup" class="columns">
        <div role="row" aria-rowindex={1} class="row">
          {columns.map(({ name, cell }) => (
            <span key={name} role="columnheader" class={`cell ${cell}`}>
              {name}
            </span>
          ))}
        </div>
      </div>
      <div ref={scroller} class="scroller" role="rowgroup" tabIndex={0} onPointerOver={tellTime}>
        <div ref={ground} class="all-rows" role="presentation" />
      </div>
    </div>
  );
}

function tellTime({ target }: TargetedPointerEvent<HTMLElement>): void {
  if (target instanceof HTMLTimeElement) tellExactly(target);
}
