/** Steps that stand together, below a heading where they are a group. */
export type Section = {
  /** The group; undefined: all steps, without a heading. */
  readonly key: string | undefined;
  readonly steps: number;
  readonly isOpen: boolean;
};

/** What is in a row of the list. */
export type RowPlace =
  | { readonly type: 'heading'; readonly section: number }
  | { readonly type: 'step'; readonly section: number; readonly offset: number };

export type RowLayout = {
  readonly rows: number;
  /** In steps of a few comparisons, however many rows there are. */
  placeOf(row: number): RowPlace | undefined;
};

/** Which row of a list as long as the queue shows what. */
export function layOutRows(sections: readonly Section[]): RowLayout {
  const starts: number[] = [];
  let rows = 0;
  for (const { key, steps, isOpen } of sections) {
    starts.push(rows);
    rows += (key === undefined ? 0 : 1) + (isOpen ? steps : 0);
  }
  return {
    rows,
    placeOf(row) {
      if (row < 0 || row >= rows) return undefined;
      const section = lastAtMost(starts, row);
      const within = row - (starts[section] ?? 0);
      if (sections[section]?.key === undefined) return { type: 'step', section, offset: within };
      return within === 0
        ? { type: 'heading', section }
        : { type: 'step', section, offset: within - 1 };
    },
  };
}

/** The index of the last number that is not above `value`; the numbers rise. */
function lastAtMost(numbers: readonly number[], value: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((numbers[middle] ?? Infinity) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
