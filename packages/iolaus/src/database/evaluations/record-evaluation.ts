import type { BuildId, JobsetId } from '../../farm/identity.ts';
import type { Transaction } from '../connection/connection.ts';
import { keyOfJob } from './evaluated-job.ts';
import type { EvaluatedJob } from './evaluated-job.ts';
import { insertBuilds } from '../builds/insert-builds.ts';
import { notify } from '../notify.ts';
import type { Notification } from '../notify.ts';
import { readEvaluatedBuilds } from './read-evaluated-builds.ts';
import type { EvaluatedBuild } from './read-evaluated-builds.ts';
import { repointBuilds } from '../builds/repoint-builds.ts';

export type { EvaluatedJob } from './evaluated-job.ts';

export type EvaluationRecord = {
  readonly jobset: JobsetId;
  readonly jobs: readonly EvaluatedJob[];
  /** What went wrong, for people; empty if nothing did. */
  readonly errorMessage: string;
  /** Seconds that the evaluation took, and when it ended, in seconds since the epoch. */
  readonly evaluationSeconds: number;
  readonly now: number;
  /**
   * Which builds of the newest evaluation are members of this one too, if job and first output are the same: any, as Hydra
   * does it, or only those that are not finished, so that what failed is tried again.
   */
  readonly reuse: 'any' | 'unfinished';
};

export const insertEvaluationErrorStatement = `
  insert into evaluationerrors (errormsg, errortime) values ($1, $2) returning id`;

export const insertEvaluationStatement = `
  insert into jobsetevals
    (jobset_id, evaluationerror_id, timestamp, checkouttime, evaltime, hasnewbuilds, hash, nrbuilds)
  values ($1, $2, $3, 0, $4, $5, '', $6) returning id`;

export const insertMembersStatement = `
  insert into jobsetevalmembers (eval, build, isnew) select $1::int, * from unnest($2::int[], $3::int[])`;

/** Locked in the order of ids, as by all who change several builds at once. */
export const updateCurrentStatement = `
  with changed as (
    select b.id, (m.id is not null)::int as current
    from builds b left join unnest($2::int[]) as m (id) on m.id = b.id
    where b.jobset_id = $1 and (b.iscurrent = 1 or m.id is not null)
      and b.iscurrent is distinct from (m.id is not null)::int
    order by b.id for no key update of b
  )
  update builds b set iscurrent = changed.current from changed where b.id = changed.id`;

export const updateJobsetStatement = `
  update jobsets set lastcheckedtime = $2::bigint, errormsg = $3, errortime = $2::bigint where id = $1`;

/** A build of the evaluation; a finished one that gets another derivation is queued again. */
type Member = {
  readonly id: BuildId;
  readonly derivation: string;
  readonly type: 'new' | 'queued' | 'finished' | 'repointed';
};

/**
 * Records an evaluation and queues its new builds. Returns the build of each job, in order. An evaluation that found what
 * the one before it found has a row and no members, as Hydra has it.
 */
export async function recordEvaluation(
  transaction: Transaction,
  record: EvaluationRecord,
): Promise<BuildId[]> {
  const keys = record.jobs.map(keyOfJob);
  const jobs = new Map(record.jobs.map((job, index) => [keys[index] ?? '', job]));
  const previous = await readEvaluatedBuilds(transaction, record.jobset);
  const reused = chooseReused(jobs, previous, record.reuse);
  const members = await queueOthers(transaction, record, jobs, reused);
  const all = [...members.values()];
  await repointBuilds(
    transaction,
    all.filter(({ type }) => type === 'repointed'),
  );
  const isChanged = all.some(({ type }) => type === 'new') || members.size !== previous.size;
  const evaluation = await insertEvaluation(transaction, record, isChanged ? all : null);
  await notify(transaction, notificationsOf(record, evaluation, all));
  return keys.map((key) => memberOf(members, key).id);
}

/**
 * A finished build of the same output will do, with the new derivation. One that is still queued or built would be built by
 * its old derivation, since nothing tells a runner of the change: then there is to be a new one.
 */
function chooseReused(
  jobs: ReadonlyMap<string, EvaluatedJob>,
  previous: ReadonlyMap<string, EvaluatedBuild>,
  reuse: EvaluationRecord['reuse'],
): Map<string, Member> {
  const reused = new Map<string, Member>();
  for (const [key, { derivation }] of jobs) {
    const build = previous.get(key);
    if (build === undefined || (build.finished && reuse === 'unfinished')) continue;
    const isSame = build.derivation === derivation;
    if (!build.finished && !isSame) continue;
    const type = build.finished ? (isSame ? 'finished' : 'repointed') : 'queued';
    reused.set(key, { id: build.id, derivation, type });
  }
  return reused;
}

/** All members, in the order of the jobs. */
async function queueOthers(
  transaction: Transaction,
  record: EvaluationRecord,
  jobs: ReadonlyMap<string, EvaluatedJob>,
  reused: ReadonlyMap<string, Member>,
): Promise<Map<string, Member>> {
  const others = [...jobs].filter(([key]) => !reused.has(key));
  const ids = await insertBuilds(
    transaction,
    record,
    others.map(([, job]) => job),
  );
  const added = new Map(
    others.map(([key, { derivation }], index): [string, Member] => {
      const id = ids[index];
      if (id === undefined) throw new Error(`the build of ${key} got no row`);
      return [key, { id, derivation, type: 'new' }];
    }),
  );
  return new Map([...jobs.keys()].map((key) => [key, reused.get(key) ?? memberOf(added, key)]));
}

function memberOf(members: ReadonlyMap<string, Member>, key: string): Member {
  const member = members.get(key);
  if (member === undefined) throw new Error(`${key} is no member of its evaluation`);
  return member;
}

/** Returns the id of the evaluation. `members`: null if they are those of the evaluation before. */
async function insertEvaluation(
  transaction: Transaction,
  record: EvaluationRecord,
  members: readonly Member[] | null,
): Promise<number> {
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
    members === null ? 0 : 1,
    members?.length ?? null,
  ]);
  if (evaluation === undefined) throw new Error('the evaluation got no row');
  if (members !== null) await insertMembers(transaction, jobset, evaluation.id, members);
  await transaction.query(updateJobsetStatement, [jobset, now, errorMessage]);
  return evaluation.id;
}

async function insertMembers(
  transaction: Transaction,
  jobset: JobsetId,
  evaluation: number,
  members: readonly Member[],
): Promise<void> {
  const ids = members.map(({ id }) => id);
  const areNew = members.map(({ type }) => Number(type === 'new'));
  await transaction.query(insertMembersStatement, [evaluation, ids, areNew]);
  await transaction.query(updateCurrentStatement, [jobset, ids]);
}

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
      const channel = type === 'finished' ? 'cached_build_finished' : 'cached_build_queued';
      return { channel, payload: `${evaluation}\t${id}` };
    }),
    // The first field names the run of the evaluator; nobody reads it.
    { channel: 'eval_added', payload: `${process.pid}\t${jobset}\t${evaluation}` },
    ...(added === undefined
      ? []
      : [{ channel: 'builds_added', payload: String(added.id) } as const]),
  ];
}
