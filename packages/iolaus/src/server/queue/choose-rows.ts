import type { Asked } from '../../api/contract.ts';
import type { JobsetName } from '../../database/api/list-readable-jobsets.ts';
import type { QueueRow } from './queue-rows.ts';
import type { QueueView } from './queue.ts';

type Filter = Omit<Asked<'listQueueGroups'>['query'], 'by'>;

/** What of the queue a reader may see and asks for. */
export function chooseRows(
  view: QueueView,
  readable: ReadonlyMap<number, JobsetName>,
  filter: Filter,
): readonly QueueRow[] {
  const { project, jobset, system, state, reason, search } = filter;
  const ofJobsets = [...readable.values()]
    .filter((one) => project === undefined || one.project === project)
    .filter((one) => jobset === undefined || one.jobset === jobset)
    .map(({ id }) => id);
  const key = JSON.stringify([ofJobsets, system, state, reason, search]);
  const known = view.chosen.get(key);
  if (known !== undefined) return known;
  const wanted = new Set(ofJobsets);
  const part = search?.toLowerCase();
  const chosen = view.rows.filter(
    (row) =>
      (state === undefined || row.state === state) &&
      (system === undefined || row.system === system) &&
      (reason === undefined || row.reason === reason) &&
      row.jobsets.some((id) => wanted.has(id)) &&
      (part === undefined || row.name.toLowerCase().includes(part)),
  );
  view.chosen.set(key, chosen);
  return chosen;
}
