import type { FarmState } from '../farm-state.ts';
import type { Instant, JobsetId } from '../identity.ts';
import type { Lease } from '../attempts/lease.ts';

/** How far back build time counts. Hydra's scheduling window. */
const windowMilliseconds = 24 * 3600 * 1000;
/** Build time is kept in portions of five minutes: 289 numbers a jobset, however many steps it builds. */
const portionMilliseconds = 5 * 60 * 1000;
/** Hydra's default for `Jobsets.schedulingShares`. */
const defaultShares = 100;

type Portion = { readonly start: number; milliseconds: number };

/** What a jobset may use of the farm, and what it has used. */
export type Jobset = {
  readonly type: 'jobset';
  readonly id: JobsetId;
  shares: number;
  /** Its use before the farm began is counted in. */
  seen: boolean;
  /** Oldest first; all of them together are `usedMilliseconds`. */
  readonly portions: Portion[];
  usedMilliseconds: number;
  /** Attempts under way, and the sums of their parts and of their weighted starts: what they have used is known at any time. */
  running: number;
  runningParts: number;
  runningStarts: number;
};

/** A jobset that nobody has told of yet has Hydra's default of shares. */
export function findJobset(farm: FarmState, id: JobsetId): Jobset {
  let jobset = farm.jobsets.get(id);
  if (jobset === undefined) farm.jobsets.set(id, (jobset = createJobset(id)));
  return jobset;
}

/** Use before the farm began is told once; from then on the farm counts itself. */
export function seeJobset(
  farm: FarmState,
  told: { readonly jobset: JobsetId; readonly shares: number; readonly usedSeconds: number },
): void {
  const jobset = findJobset(farm, told.jobset);
  jobset.shares = told.shares;
  if (!jobset.seen) charge(jobset, 1000 * told.usedSeconds, farm.now);
  jobset.seen = true;
}

function createJobset(id: JobsetId): Jobset {
  return {
    type: 'jobset',
    id,
    shares: defaultShares,
    seen: false,
    portions: [],
    usedMilliseconds: 0,
    running: 0,
    runningParts: 0,
    runningStarts: 0,
  };
}

/** Build time in the window, attempts under way included, divided by shares: less comes first. */
export function shareUsed(jobset: Jobset, now: Instant): number {
  forgetOld(jobset, now);
  const running = jobset.runningParts * now - jobset.runningStarts;
  return (jobset.usedMilliseconds + Math.max(running, 0)) / Math.max(jobset.shares, 1);
}

/** From now on the attempt's time counts; several jobsets share it. */
export function startCharging({ jobsets, startedAt }: Lease): void {
  const part = 1 / jobsets.length;
  for (const jobset of jobsets) {
    jobset.running += 1;
    jobset.runningParts += part;
    jobset.runningStarts += part * startedAt;
  }
}

/** The attempt has ended: what it used stays for the length of the window. */
export function stopCharging({ jobsets, startedAt }: Lease, now: Instant): void {
  const part = 1 / jobsets.length;
  for (const jobset of jobsets) {
    jobset.running -= 1;
    // Sums of fractions are not exact; an idle jobset starts afresh.
    jobset.runningParts = jobset.running === 0 ? 0 : jobset.runningParts - part;
    jobset.runningStarts = jobset.running === 0 ? 0 : jobset.runningStarts - part * startedAt;
    // An attempt of an earlier farm may have begun by a clock that was ahead.
    charge(jobset, part * Math.max(now - startedAt, 0), now);
  }
}

function charge(jobset: Jobset, milliseconds: number, now: Instant): void {
  const last = jobset.portions.at(-1);
  const start = now - (now % portionMilliseconds);
  if (last?.start === start) last.milliseconds += milliseconds;
  else jobset.portions.push({ start, milliseconds });
  jobset.usedMilliseconds += milliseconds;
}

function forgetOld(jobset: Jobset, now: Instant): void {
  for (
    let oldest = jobset.portions[0];
    oldest !== undefined && oldest.start <= now - windowMilliseconds;
    oldest = jobset.portions[0]
  ) {
    jobset.portions.shift();
    jobset.usedMilliseconds =
      jobset.portions.length === 0 ? 0 : jobset.usedMilliseconds - oldest.milliseconds;
  }
}
