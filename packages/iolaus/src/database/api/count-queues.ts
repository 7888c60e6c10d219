import type { Queryable } from '../connection/connection.ts';
import { readableJobsets, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';

export type QueueRow = {
  readonly system: string;
  readonly queued: number;
  readonly running: number;
};

/** Only unfinished builds are read, for which there is an index. */
export const countQueuesStatement = `
  select b.system, (count(*) filter (where busy.build is null))::int4 as "queued",
    (count(*) filter (where busy.build is not null))::int4 as "running"
  from builds b left join (select distinct s.build from buildsteps s where s.busy != 0) busy on busy.build = b.id
  where b.finished = 0 and b.jobset_id = any(${readableJobsets(1, 2, 3)})
  group by b.system order by b.system`;

/** Unfinished builds by system. */
export const countQueues = (database: Queryable, reader: Reader): Promise<QueueRow[]> =>
  database.query(countQueuesStatement, [readerParameter(reader), null, null]);
