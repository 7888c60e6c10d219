/** Lines of a log that are in no row, since somebody folded them away: both ends are among them. */
export type Fold = { readonly first: number; readonly last: number };

/** Which lines (counted from 1) are seen, as rows (counted from 0). Folds come in order and have no line in common. */
export type Folding = {
  readonly folds: readonly Fold[];
  rowCount(lines: number): number;
  lineAt(row: number): number;
  /** The row of a line; of one that is folded away that of the last line before which is not. */
  rowOf(line: number): number;
};

export function foldLines(folds: readonly Fold[]): Folding {
  const rowOf = (line: number): number => {
    let hidden = 0;
    for (const { first, last } of folds) {
      if (first > line) break;
      hidden += Math.min(last, line) - first + 1;
    }
    return Math.max(line - 1 - hidden, 0);
  };
  return {
    folds,
    rowCount: (lines) => (lines === 0 ? 0 : rowOf(lines) + 1),
    lineAt(row) {
      let line = row + 1;
      for (const { first, last } of folds) {
        if (first > line) break;
        line += last - first + 1;
      }
      return line;
    },
    rowOf,
  };
}

/** What a phase has below its heading: up to the next one, or to the end of the log wherever that will be. */
export function bodiesOf(phases: readonly { readonly line: number }[]): Fold[] {
  return phases.map(({ line }, index) => ({
    first: line + 1,
    last: (phases[index + 1]?.line ?? Number.MAX_SAFE_INTEGER) - 1,
  }));
}
