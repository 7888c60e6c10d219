import type { BuildGroup } from '../api/v2.ts';

/** What the list of builds shows; it is all in the page's address. */
export type BuildListView = {
  readonly status: BuildGroup | undefined;
  readonly search: string;
  /** Where the page before ended; undefined: the newest builds. */
  readonly cursor: string | undefined;
};

const groups: readonly string[] = [
  'queued',
  'running',
  'succeeded',
  'failed',
] satisfies BuildGroup[];

const isGroup = (text: string | undefined): text is BuildGroup =>
  text !== undefined && groups.includes(text);

/** Reads the address; what makes no sense in it is not there. */
export function readBuildListView(query: Readonly<Record<string, string>>): BuildListView {
  const { status, search, cursor } = query;
  return {
    status: isGroup(status) ? status : undefined,
    search: search ?? '',
    cursor: cursor !== undefined && /^[\w-]{1,200}$/.test(cursor) ? cursor : undefined,
  };
}

/** The query of a view, `?` included; empty for the view of everything. */
export function buildListQuery(view: BuildListView): string {
  const query = new URLSearchParams();
  if (view.status !== undefined) query.set('status', view.status);
  if (view.search !== '') query.set('search', view.search);
  if (view.cursor !== undefined) query.set('cursor', view.cursor);
  return query.size === 0 ? '' : `?${query.toString()}`;
}
