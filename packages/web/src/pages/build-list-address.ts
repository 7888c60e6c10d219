import type { BuildGroup } from '../api/shapes.ts';

/** What the list of builds shows; it is all in the page's address. */
export type BuildListView = {
  readonly status: BuildGroup | undefined;
  readonly search: string;
  /** Only builds older than this one. */
  readonly before: string | undefined;
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
  const { status, search, before } = query;
  return {
    status: isGroup(status) ? status : undefined,
    search: search ?? '',
    before: before !== undefined && /^\d{1,10}$/.test(before) ? before : undefined,
  };
}

/** The query of a view, `?` included; empty for the view of everything. */
export function buildListQuery(view: BuildListView): string {
  const query = new URLSearchParams();
  if (view.status !== undefined) query.set('status', view.status);
  if (view.search !== '') query.set('search', view.search);
  if (view.before !== undefined) query.set('before', view.before);
  return query.size === 0 ? '' : `?${query.toString()}`;
}
