import type { Queryable } from '../connection/connection.ts';
import { visibleJobsets } from './visible.ts';
import type { JsonRow } from './visible.ts';

export type JobFilter = {
  readonly project?: string | undefined;
  readonly jobset?: string | undefined;
  readonly job?: string | undefined;
  readonly system?: string | undefined;
};

const common = `'id', b.id, 'project', j.project, 'jobset', j.name, 'job', b.job, 'system', b.system,
  'nixname', b.nixname, 'finished', b.finished, 'timestamp', b.timestamp`;

const isOfJob = `($1::text is null or j.project = $1) and ($2::text is null or j.name = $2)
  and ($3::text is null or b.job = $3) and ($4::text is null or b.system = $4)`;

export const listLatestBuildsStatement = `
  select json_build_object(${common}, 'buildstatus', b.buildstatus)::text as "json"
  from builds b join ${visibleJobsets} j on j.id = b.jobset_id
  where b.finished = 1 and ${isOfJob} order by b.id desc limit $5`;

export const listQueueStatement = `
  select json_build_object(${common}, 'priority', b.priority)::text as "json"
  from builds b join ${visibleJobsets} j on j.id = b.jobset_id
  where b.finished = 0 order by b.globalpriority desc, b.priority desc, b.id limit $1`;

export const countQueueStatement = `select count(*)::int4 as "count" from builds where finished = 0`;

/** The newest finished builds, as `GET /api/latestbuilds` tells them. */
export async function listLatestBuilds(
  database: Queryable,
  { project, jobset, job, system }: JobFilter,
  limit: number,
): Promise<string[]> {
  const rows = await database.query<JsonRow>(listLatestBuildsStatement, [
    project ?? null,
    jobset ?? null,
    job ?? null,
    system ?? null,
    limit,
  ]);
  return rows.map(({ json }) => json);
}

/** What is built next, as `GET /api/queue` tells it, but with what was bumped in front, where the queue runner has it. */
export async function listQueue(database: Queryable, limit: number): Promise<string[]> {
  const rows = await database.query<JsonRow>(listQueueStatement, [limit]);
  return rows.map(({ json }) => json);
}

export async function countQueue(database: Queryable): Promise<number> {
  const rows = await database.query<{ count: number }>(countQueueStatement);
  return rows[0]?.count ?? 0;
}
