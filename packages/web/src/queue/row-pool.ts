/** An element of a list that shows one row after the other. */
export type PooledRow = {
  readonly element: HTMLElement;
  /** Fills the element with a row, or with what is new in it. */
  show(row: number): void;
};

/** First and last row that are drawn. */
export type Shown = { readonly first: number; readonly last: number };

export type RowPool = {
  /** Shows the rows that are seen, of so many; to be called again when there is something else in them. */
  readonly draw: (rows: number) => void;
  readonly close: () => void;
};

// Rows that are ready above and below what is seen, for the next turn of a wheel.
const spareRows = 6;

// Nobody scrolls any more.
const settledMilliseconds = 150;

/**
 * Draws a list of as many rows as one likes, all of one height, of which only those have an element that are seen. Rows
 * that leave at one end come back at the other with new content: no element is made or moved while one scrolls.
 */
export function openRowPool(options: {
  /** The box that scrolls, and what lies in it, as high as all rows. */
  readonly scroller: HTMLElement;
  readonly ground: HTMLElement;
  readonly rowPixels: number;
  readonly makeRow: () => PooledRow;
  readonly onShown: (shown: Shown) => void;
}): RowPool {
  const { scroller, ground, rowPixels, makeRow, onShown } = options;
  const drawn = new Map<number, PooledRow>();
  let rows = 0;
  let top = 0;
  // Nothing is measured before the first rows are there: it would be laid out twice. The window is as high, or higher.
  let pixels = window.innerHeight;
  let spare = 0;

  const look = (): void => {
    const first = Math.max(0, top - spare);
    const last = Math.min(top + Math.ceil(pixels / rowPixels) + spare, rows) - 1;
    const free = takeAllBut(drawn, { first, last });
    for (let row = first; row <= last; row++) {
      drawn.get(row)?.show(row);
      if (!drawn.has(row)) place(free.pop() ?? makeRow(), row);
    }
    for (const { element } of free) element.remove();
    onShown({ first, last });
  };
  const place = (pooled: PooledRow, row: number): void => {
    const { element } = pooled;
    // Who went to a row by the keyboard did not go to the one that takes its place.
    if (element.contains(document.activeElement)) scroller.focus({ preventScroll: true });
    element.style.transform = `translateY(${row * rowPixels}px)`;
    pooled.show(row);
    if (!element.isConnected) ground.append(element);
    drawn.set(row, pooled);
  };
  const follow = (): void => {
    top = Math.floor(scroller.scrollTop / rowPixels);
    look();
    clearTimeout(settling);
    settling = setTimeout(() => bringInOrder(drawn), settledMilliseconds);
  };
  let settling: ReturnType<typeof setTimeout> | undefined;
  const observer = new ResizeObserver(([entry]) => {
    pixels = entry?.contentRect.height ?? pixels;
    spare = spareRows;
    // After the rows that are seen have been painted.
    requestAnimationFrame(look);
  });
  observer.observe(scroller);
  scroller.addEventListener('scroll', follow, { passive: true });
  return {
    draw(count) {
      rows = count;
      ground.style.height = `${rows * rowPixels}px`;
      look();
    },
    close() {
      observer.disconnect();
      scroller.removeEventListener('scroll', follow);
      clearTimeout(settling);
      for (const { element } of drawn.values()) element.remove();
      drawn.clear();
    },
  };
}

function takeAllBut(drawn: Map<number, PooledRow>, { first, last }: Shown): PooledRow[] {
  const free: PooledRow[] = [];
  for (const [row, pooled] of drawn) {
    if (row >= first && row <= last) continue;
    drawn.delete(row);
    free.push(pooled);
  }
  return free;
}

/** Who hears the list hears its rows in the order of the document. The one with the focus stays: it would lose it. */
function bringInOrder(drawn: ReadonlyMap<number, PooledRow>): void {
  const elements = [...drawn]
    .sort(([one], [other]) => one - other)
    .map(([, { element }]) => element);
  const focused = elements.findIndex((element) => element.contains(document.activeElement));
  const pivot = Math.max(focused, 0);
  for (const [index, element] of elements.entries()) {
    const last = elements[index - 1];
    if (index > pivot && last?.nextElementSibling !== element) last?.after(element);
  }
  for (let index = pivot - 1; index >= 0; index--) {
    const [element, next] = elements.slice(index, index + 2);
    if (element !== undefined && next?.previousElementSibling !== element) next?.before(element);
  }
}
