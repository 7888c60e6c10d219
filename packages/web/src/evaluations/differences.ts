import type { Difference } from '../api/v2.ts';

/** What is told of each kind of difference, in the order in which somebody wants to know. */
export const differenceWords = [
  { difference: 'newly-failing', word: 'Newly failing', tone: 'failed' },
  { difference: 'newly-succeeding', word: 'Fixed', tone: 'succeeded' },
  { difference: 'still-failing', word: 'Still failing', tone: 'failed' },
  { difference: 'aborted', word: 'Aborted', tone: 'aborted' },
  { difference: 'unfinished', word: 'To go', tone: 'running' },
  { difference: 'new', word: 'New', tone: 'new' },
  { difference: 'removed', word: 'Removed', tone: 'removed' },
  { difference: 'still-succeeding', word: 'Still succeeding', tone: 'succeeded' },
] as const satisfies readonly {
  readonly difference: Difference;
  readonly word: string;
  readonly tone: string;
}[];

export type Counts = Readonly<Record<Difference, number>>;

/** What an evaluation's page shows; it is all in the page's address. */
export type ComparisonView = {
  /** Undefined: the most telling one that there is. */
  readonly difference: Difference | undefined;
  /** The evaluation that it is compared with; undefined: the one before. */
  readonly other: string | undefined;
  readonly cursor: string | undefined;
};

/** Reads the address; what makes no sense in it is not there. */
export function readComparisonView(query: Readonly<Record<string, string>>): ComparisonView {
  const wanted = differenceWords.find(({ difference }) => difference === query['difference']);
  const other = query['with'];
  return {
    difference: wanted?.difference,
    other: other !== undefined && /^[1-9]\d{0,9}$/.test(other) ? other : undefined,
    cursor: query['cursor'],
  };
}

/** The query of a view, `?` included; empty for that of an evaluation as such. */
export function comparisonQuery({ difference, other, cursor }: ComparisonView): string {
  const query = new URLSearchParams();
  if (difference !== undefined) query.set('difference', difference);
  if (other !== undefined) query.set('with', other);
  if (cursor !== undefined) query.set('cursor', cursor);
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** The kind that somebody wants to see first: the first that has any jobs. */
export const mostTelling = (counts: Counts): Difference =>
  differenceWords.find(({ difference }) => counts[difference] > 0)?.difference ??
  'still-succeeding';
