import type { Answer } from '../../../api/contract.ts';
import { listReadableJobsets } from '../../../database/api/list-readable-jobsets.ts';
import type { JobsetName } from '../../../database/api/list-readable-jobsets.ts';
import { chooseRows } from '../../queue/choose-rows.ts';
import { countRows } from '../../queue/count-rows.ts';
import type { QueueRow } from '../../queue/queue-rows.ts';
import type { QueueView } from '../../queue/queue.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Call, Handlers } from '../handlers.ts';
import { orUnreachable } from '../unreachable.ts';

type Readable = ReadonlyMap<number, JobsetName>;

export const queueHandlers: Handlers<
  'listQueuedSteps' | 'listQueueGroups' | 'listNextSteps' | 'listSystems'
> = {
  async listQueuedSteps({ query: { cursor, limit, offset: wanted, ...filter } }, call) {
    const { view, readable } = await lookAtQueue(call);
    const rows = chooseRows(view, readable, filter);
    const offset = decodeCursor(cursor, ['number'])?.[0] ?? wanted ?? 0;
    const end = offset + limit;
    return {
      items: rows.slice(offset, end).map((row) => describeRow(row, readable)),
      offset,
      total: rows.length,
      seenAt: new Date(view.seenAt).toISOString(),
      next: end < rows.length ? encodeCursor([end]) : null,
    };
  },

  async listQueueGroups({ query: { by, ...filter } }, call) {
    const { view, readable } = await lookAtQueue(call);
    const keysOf = (row: QueueRow): readonly string[] =>
      by === 'jobset'
        ? namesOf(row, readable).map(({ project, jobset }) => `${project}:${jobset}`)
        : [row[by]];
    const groups = countRows(chooseRows(view, readable, filter), keysOf);
    return { items: [...groups].map(([key, counts]) => ({ key, ...counts })).sort(byKey) };
  },

  async listNextSteps(_, call) {
    const { view, readable } = await lookAtQueue(call);
    const next = view.next
      .flatMap((derivation) => view.byDerivation.get(derivation) ?? [])
      .filter(({ jobsets }) => jobsets.some((id) => readable.has(id)));
    return { items: next.map((row) => describeRow(row, readable)) };
  },

  async listSystems(_, call) {
    const { view, readable } = await lookAtQueue(call);
    const counted = countRows(chooseRows(view, readable, {}), ({ system }) => [system]);
    const items = [...counted].map(([system, counts]) => {
      const speed = view.speeds[system] ?? 0;
      return { system, ...counts, secondsLeft: speed > 0 ? counts.expectedSeconds / speed : null };
    });
    return { items: items.sort((a, b) => a.system.localeCompare(b.system, 'en')) };
  },
};

const byKey = (one: { readonly key: string }, other: { readonly key: string }): number =>
  one.key.localeCompare(other.key, 'en');

async function lookAtQueue({
  sources,
  reader,
}: Call): Promise<{ readonly view: QueueView; readonly readable: Readable }> {
  const [view, readable] = await Promise.all([
    orUnreachable(sources, sources.queue),
    listReadableJobsets(sources.database, reader),
  ]);
  return { view, readable };
}

const namesOf = ({ jobsets }: QueueRow, readable: Readable): JobsetName[] =>
  jobsets.flatMap((id) => readable.get(id) ?? []);

function describeRow(row: QueueRow, readable: Readable): Answer<'listNextSteps'>['items'][number] {
  const { shareUsed: _, seconds, since, build, ...rest } = row;
  const names = namesOf(row, readable);
  return {
    ...rest,
    since: since === null ? null : new Date(since).toISOString(),
    // The first build that needed it may be of a jobset that the reader does not know.
    build: names.length === row.jobsets.length ? build : null,
    jobsets: names.map(({ project, jobset }) => ({ project, jobset })),
    expectedSeconds: seconds,
  };
}
