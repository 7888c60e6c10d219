import type { PoolConfiguration } from '../configuration.ts';
import { sayDuration } from '../duration.ts';
import type { Offer } from './policy.ts';
import type { Limits } from './schedule.ts';
import type { Load } from './share-needs.ts';

/** How many machines a pool should have, and why. */
export type Wanted = { readonly count: number; readonly because: string };

/** Less than this is no fraction of a step, but arithmetic. */
const crumb = 1e-6;

/**
 * By time, where `finishWithin` is given: the fewest machines that do all that is queued in that time, what waits for
 * other steps too, but no more than have steps to do at once (a long chain wants one only), or than are worth their start.
 * Otherwise by number, as the provisioner of old did, with the running steps counted too.
 */
export function wantedBy(
  pool: PoolConfiguration,
  load: Load,
  { offer, bootMilliseconds }: { readonly offer: Offer; readonly bootMilliseconds: number },
  { min, max, warm }: Limits,
): Wanted {
  const raw =
    pool.finishWithin === undefined
      ? wantedByCount(pool, load, offer)
      : wantedByTime({ ...pool, finishWithin: pool.finishWithin }, load, offer, bootMilliseconds);
  const busy = Math.ceil((load.attempts - crumb) / offer.slots);
  const spare = Math.max(raw.count, warm > 0 ? busy + warm : 0);
  const count = Math.min(Math.max(spare, min), max);
  if (count === raw.count) return raw;
  if (count < raw.count) return { count, because: `${raw.because}; ${max} at most` };
  const kept = count === min && min >= spare ? `${min} at least` : `${warm} to spare`;
  return { count, because: `${raw.because}; ${kept}` };
}

function wantedByCount(pool: PoolConfiguration, load: Load, offer: Offer): Wanted {
  const { ignoredRunnables: ignored, runnablesPerMachine: each } = pool;
  const runnable = Math.max(0, load.runnable - ignored);
  // A step that runs counts as much as its slot: the machine is taken.
  const busy = load.attempts / offer.slots;
  const count = Math.ceil(runnable / each + busy - crumb);
  const left = ignored > 0 ? ` but ${ignored}` : '';
  const because = `${say(load.runnable)} steps can start${left}, ${each} for each machine, and ${load.attempts} run`;
  return { count, because };
}

function wantedByTime(
  pool: PoolConfiguration & { readonly finishWithin: number },
  load: Load,
  offer: Offer,
  bootMilliseconds: number,
): Wanted {
  const { slots, speed } = offer;
  const steps = Math.max(0, load.runnable - pool.ignoredRunnables) + load.attempts;
  if (steps < crumb) return { count: 0, because: 'nothing can start and nothing runs' };
  const work = (load.seconds + load.attemptSeconds + load.behindSeconds) / speed;
  const target = pool.finishWithin / 1_000;
  const span = Math.max(target - bootMilliseconds / 1_000, target / 4);
  const inTime = Math.ceil(work / (slots * span) - crumb);
  const atOnce = Math.ceil(steps / slots - crumb);
  const worth = Math.max(1, Math.floor((1_000 * work) / (slots * Math.max(pool.usefulTime, 1))));
  const count = Math.max(1, Math.min(inTime, atOnce, worth));
  return {
    count,
    because: `${describeWork(steps, work, load)}: ${limitOf(pool, count, inTime, atOnce)}${describeChain(load, target)}`,
  };
}

function describeWork(steps: number, work: number, { behind }: Load): string {
  const others = behind < crumb ? '' : `, ${say(behind)} wait for others`;
  return `${say(steps)} steps can start or run${others}, ${sayDuration(1_000 * work)} of work in all`;
}

/** More machines do not help a chain. */
function describeChain({ criticalPathSeconds }: Load, target: number): string {
  if (criticalPathSeconds <= target) return '';
  return `, though one chain of steps takes ${sayDuration(1_000 * criticalPathSeconds)}`;
}

function limitOf(
  { finishWithin = 0, usefulTime }: PoolConfiguration,
  count: number,
  inTime: number,
  atOnce: number,
): string {
  if (count === inTime) return `to be done within ${sayDuration(finishWithin)}`;
  if (count === atOnce) return 'more have nothing to do';
  return `more are not worth their start for less than ${sayDuration(usefulTime)} of work`;
}

const say = (steps: number): string => String(Math.round(steps));
