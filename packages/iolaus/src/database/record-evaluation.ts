import type { BuildId, JobsetId } from '../farm/identity.ts';
import type { Transaction } from './connection.ts';
import { notify } from './notify.ts';
import type { Notification } from './notify.ts';

/** A job of an evaluation. Paths with the store directory. */
export type EvaluatedJob = {
  readonly job: string;
  readonly name: string;
  readonly system: string;
  readonly derivation: string;
  readonly outputs: ReadonlyMap<string, string | null>;
  readonly description: string | null;
  readonly homepage: string | null;
  readonly license: readonly string[];
  readonly maintainers: readonly string[];
  readonly priority: number | null;
  readonly maxSilentSeconds: number | null;
  readonly timeoutSeconds: number | null;
  readonly isChannel: boolean;
};

export type EvaluationRecord = {
  readonly jobset: JobsetId;
  readonly jobs: readonly EvaluatedJob[];
  /** What went wrong, for people; empty if nothing did. */
  readonly errorMessage: string;
  /** Seconds that the evaluation took, and when it ended, in seconds since the epoch. */
  readonly evaluationSeconds: number;
  readonly now: number;
  /**
   * Which builds of the newest evaluation are members of this one too, if job and derivation are the same: any, as Hydra
   * does it, or only those that are not finished, so that what failed is tried again.
   */
  readonly reuse: 'any' | 'unfinished';
};

// Hydra's default of `meta.schedulingPriority`.
const defaultPriority = 100;

export const insertEvaluationErrorStatement = `
  insert into evaluationerrors (errormsg, errortime) values ($1, $2) returning id`;

export const insertEvaluationStatement = `
  insert into jobsetevals
    (jobset_id, evaluationerror_id, timestamp, checkouttime, evaltime, hasnewbuilds, hash, nrbuilds)
  values ($1, $2, $3, 0, $4, 1, $5, $6) returning id`;

export const readReusableBuildsStatement = `
  select b.id, b.job, b.drvpath as "derivation", b.finished = 1 as "finished" from builds b
  join jobsetevalmembers m on m.build = b.id
  where m.eval = (select max(e.id) from jobsetevals e where e.jobset_id = $1 and e.hasnewbuilds = 1)
    and (b.finished = 0 or $2)`;

export const insertBuildsStatement = `
  insert into builds (finished, timestamp, jobset_id, job, nixname, description, drvpath, system, license, homepage,
    maintainers, maxsilent, timeout, ischannel, iscurrent, priority)
  select 0, $1::bigint, $2::int, n.job, n.nixname, n.description, n.drvpath, n.system, n.license, n.homepage, n.maintainers,
    n.maxsilent, n.timeout, n.ischannel, 1, n.priority
  from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
      $11::int[], $12::int[], $13::int[], $14::int[])
    with ordinality as n (job, nixname, description, drvpath, system, license, homepage, maintainers, maxsilent,
      timeout, ischannel, priority, position)
  order by n.position
  returning id`;

export const insertBuildOutputsStatement = `
  insert into buildoutputs (build, name, path) select * from unnest($1::int[], $2::text[], $3::text[])`;

export const insertMembersStatement = `
  insert into jobsetevalmembers (eval, build, isnew) select $1::int, * from unnest($2::int[], $3::int[])`;

export const updateCurrentStatement = `
  update builds set iscurrent = (id = any($2::int[]))::int
  where jobset_id = $1 and iscurrent is distinct from (id = any($2::int[]))::int and (iscurrent = 1 or id = any($2::int[]))`;

export const updateJobsetStatement = `
  update jobsets set lastcheckedtime = $2::bigint, errormsg = $3, errortime = $2::bigint where id = $1`;

/** Records an evaluation and queues its new builds. Returns the build of each job, in order. */
export async function recordEvaluation(
  transaction: Transaction,
  record: EvaluationRecord,
): Promise<BuildId[]> {
  const reusable = await readReusable(transaction, record);
  const fresh = record.jobs.filter((job) => !reusable.has(keyOf(job)));
  const added = await insertBuilds(transaction, record, fresh);
  const builds = new Map([...reusable, ...added]);
  const members = record.jobs
    .map((job) => builds.get(keyOf(job)))
    .filter((member) => member !== undefined);
  const evaluation = await insertEvaluation(transaction, record, members);
  await notify(transaction, notificationsOf(record, evaluation, members));
  return members.map(({ id }) => id);
}

type Member = { readonly id: BuildId; readonly type: 'new' | 'queued' | 'finished' };

/** What Hydra's notification daemon and the runner want to hear of an evaluation. */
function notificationsOf(
  { jobset }: EvaluationRecord,
  evaluation: number,
  members: readonly Member[],
): Notification[] {
  // Ids grow in the order of the jobs: the first is the lowest.
  const added = members.find(({ type }) => type === 'new');
  return [
    ...members.map(({ id, type }): Notification => {
      if (type === 'new') return { channel: 'build_queued', payload: String(id) };
      const channel = type === 'queued' ? 'cached_build_queued' : 'cached_build_finished';
      return { channel, payload: `${evaluation}\t${id}` };
    }),
    // The first field names the run of the evaluator; nobody reads it.
    { channel: 'eval_added', payload: `${process.pid}\t${jobset}\t${evaluation}` },
    ...(added === undefined
      ? []
      : [{ channel: 'builds_added', payload: String(added.id) } as const]),
  ];
}

const keyOf = ({
  job,
  derivation,
}: {
  readonly job: string;
  readonly derivation: string;
}): string => `${job} ${derivation}`;

async function readReusable(
  transaction: Transaction,
  { jobset, reuse }: EvaluationRecord,
): Promise<Map<string, Member>> {
  const rows = await transaction.query<ReusableRow>(readReusableBuildsStatement, [
    jobset,
    reuse === 'any',
  ]);
  return new Map(
    rows.map((row) => [keyOf(row), { id: row.id, type: row.finished ? 'finished' : 'queued' }]),
  );
}

type ReusableRow = {
  readonly id: BuildId;
  readonly job: string;
  readonly derivation: string;
  readonly finished: boolean;
};

async function insertBuilds(
  transaction: Transaction,
  { jobset, now }: EvaluationRecord,
  jobs: readonly EvaluatedJob[],
): Promise<Map<string, Member>> {
  if (jobs.length === 0) return new Map();
  const rows = await transaction.query<{ id: BuildId }>(insertBuildsStatement, [
    now,
    jobset,
    jobs.map(({ job }) => job),
    jobs.map(({ name }) => name),
    jobs.map(({ description }) => description),
    jobs.map(({ derivation }) => derivation),
    jobs.map(({ system }) => system),
    jobs.map(({ license }) => license.join(', ')),
    jobs.map(({ homepage }) => homepage),
    jobs.map(({ maintainers }) => maintainers.join(', ')),
    jobs.map(({ maxSilentSeconds }) => maxSilentSeconds),
    jobs.map(({ timeoutSeconds }) => timeoutSeconds),
    jobs.map(({ isChannel }) => Number(isChannel)),
    jobs.map(({ priority }) => priority ?? defaultPriority),
  ]);
  const outputs = jobs.flatMap(({ outputs }, index) =>
    [...outputs].map(([name, path]) => ({ build: rows[index]?.id ?? 0, name, path })),
  );
  await transaction.query(insertBuildOutputsStatement, [
    outputs.map(({ build }) => build),
    outputs.map(({ name }) => name),
    outputs.map(({ path }) => path),
  ]);
  return new Map(
    jobs.flatMap((job, index) => {
      const id = rows[index]?.id;
      return id === undefined ? [] : [[keyOf(job), { id, type: 'new' }] as const];
    }),
  );
}

/** Returns the id of the evaluation. */
async function insertEvaluation(
  transaction: Transaction,
  record: EvaluationRecord,
  members: readonly Member[],
): Promise<number> {
  const ids = members.map(({ id }) => id);
  const { jobset, now, errorMessage, evaluationSeconds } = record;
  const [error] = await transaction.query<{ id: number }>(insertEvaluationErrorStatement, [
    errorMessage,
    now,
  ]);
  const [evaluation] = await transaction.query<{ id: number }>(insertEvaluationStatement, [
    jobset,
    error?.id ?? null,
    now,
    evaluationSeconds,
    '',
    members.length,
  ]);
  if (evaluation === undefined) throw new Error('the evaluation got no row');
  await transaction.query(insertMembersStatement, [
    evaluation.id,
    ids,
    members.map(({ type }) => Number(type === 'new')),
  ]);
  await transaction.query(updateCurrentStatement, [jobset, ids]);
  await transaction.query(updateJobsetStatement, [jobset, now, errorMessage]);
  return evaluation.id;
}
