/** The last lines that came while one looked, as HTML: they are not asked for once more. */
export type LiveTail = {
  /** The number of the line that comes next. */
  readonly next: number;
  push(lines: readonly string[]): void;
  /** Undefined if the first of them is not there; fewer where no more have come. */
  read(from: number, count: number): readonly string[] | undefined;
};

// A few screens of scrolling back; what is before it the server has.
const keptLines = 5_000;

export function createLiveTail(first: number): LiveTail {
  let from = first;
  let kept: string[] = [];
  return {
    get next() {
      return from + kept.length;
    },
    push(lines) {
      kept.push(...lines);
      // Not at each line: all that are kept are moved.
      if (kept.length < 2 * keptLines) return;
      from += kept.length - keptLines;
      kept = kept.slice(-keptLines);
    },
    read: (start, count) =>
      start < from || start >= from + kept.length
        ? undefined
        : kept.slice(start - from, start - from + count),
  };
}
