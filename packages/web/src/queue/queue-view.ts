export const groupings = ['jobset', 'system', 'reason'] as const;
export type Grouping = (typeof groupings)[number];

/** What of the queue is shown; it is all in the page's address. */
export type QueueView = {
  readonly filter: QueueFilter;
  readonly grouping: Grouping | undefined;
};

/** In the words of the API's query. */
export type QueueFilter = Readonly<Partial<Record<FilterName, string>>>;
type FilterName = (typeof filterNames)[number];
const filterNames = ['search', 'project', 'jobset', 'system', 'state', 'reason'] as const;

/** Reads the address; what makes no sense in it is not there. */
export function readQueueView(query: Readonly<Record<string, string>>): QueueView {
  const filter: Partial<Record<FilterName, string>> = {};
  for (const name of filterNames) {
    const value = query[name];
    if (value !== undefined && value !== '') filter[name] = value;
  }
  return { filter, grouping: groupings.find((one) => one === query['by']) };
}

/** The address of a view. */
export function queueAddress({ filter, grouping }: QueueView): string {
  const query = new URLSearchParams(filter);
  if (grouping !== undefined) query.set('by', grouping);
  return query.size === 0 ? '/queue' : `/queue?${query.toString()}`;
}

/** The steps of one group: `key` is PROJECT:JOBSET, a system or a reason. */
export function filterOfGroup(filter: QueueFilter, grouping: Grouping, key: string): QueueFilter {
  if (grouping !== 'jobset') return { ...filter, [grouping]: key };
  // Names of projects have no colon.
  const colon = key.indexOf(':');
  return { ...filter, project: key.slice(0, colon), jobset: key.slice(colon + 1) };
}
