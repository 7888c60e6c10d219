import type { FarmState } from '../farm-state.ts';
import { instant } from '../identity.ts';
import type { Instant } from '../identity.ts';
import type { Lease } from '../attempts/lease.ts';
import { runnableInOrder } from '../queues/runnable.ts';
import { secondsLeft, speedOf } from '../selection/system-load.ts';
import type { Step } from '../graph/step.ts';

/** From when to when something will probably be; `latest` null: nobody can say. */
export type Span = { readonly earliest: Instant; readonly latest: Instant | null };
export type Forecast = {
  readonly starts: Span;
  readonly ends: Span;
  /** How many runnable steps get their turn before it, plus one; null: it is not runnable, or too far behind. */
  readonly place: number | null;
};

/** Nobody reads of a place behind so many, and looking for it would hold up the farm. */
const placesMax = 2_000;
/** A step with more steps below it is years of work away, or will be looked at again when there are less. */
const belowMax = 20_000;
/** By what factor build times miss what is expected of them nine times out of ten: known packages, siblings, strangers. */
const knownFactor = 1.5;
const siblingFactor = 2;
const strangerFactor = 5;

/** When the step will probably start and end. Costs as much as there is below it, or before it. */
export function forecast(farm: FarmState, step: Step): Forecast {
  if (step.state.type === 'leased')
    return { ...forecastLease(farm, step.state.lease), place: null };
  const { ready, place, wait } = forecastTurn(farm, step);
  const { low, high } = secondsOf(step);
  const starts = { earliest: later(ready.earliest, wait.low), latest: late(ready, wait.high) };
  const ends = {
    earliest: later(starts.earliest, low),
    latest: starts.latest === null ? null : later(starts.latest, high),
  };
  return { starts, ends, place };
}

type Wait = { readonly low: number; readonly high: number | null };

/** When it can start, and for how long others are in its way then. */
function forecastTurn(
  farm: FarmState,
  step: Step,
): { ready: Span; place: number | null; wait: Wait } {
  const { state, queue } = step;
  const now = { earliest: farm.now, latest: farm.now };
  if (state.type === 'runnable') {
    const turn = placeOf(farm, step);
    return { ready: now, place: turn?.place ?? null, wait: waitFor(farm, step, turn?.seconds) };
  }
  const backlog = secondsLeft(farm, queue.load);
  const wait = { low: 0, high: Number.isFinite(backlog) ? backlog * siblingFactor : null };
  if (state.type === 'backing-off') {
    return { ready: { earliest: state.until, latest: state.until }, place: null, wait };
  }
  return { ready: forecastInputs(farm, step), place: null, wait };
}

function waitFor(farm: FarmState, { queue }: Step, secondsBefore: number | undefined): Wait {
  if (queue.openings.size > 0) return { low: 0, high: 0 };
  const ends = queue.builders
    .values()
    .flatMap(({ leases }) => leases)
    .map((lease) => forecastLease(farm, lease).ends);
  let soonest = Infinity;
  let last: number | null = farm.now;
  for (const { earliest, latest } of ends) {
    soonest = Math.min(soonest, earliest);
    last = latest === null || last === null ? null : Math.max(last, latest);
  }
  const speed = speedOf(farm, queue.load);
  const low = Number.isFinite(soonest) ? (soonest - farm.now) / 1000 : 0;
  if (secondsBefore === undefined || last === null || speed === 0 || soonest === Infinity) {
    return { low, high: null };
  }
  return { low, high: (last - farm.now) / 1000 + (secondsBefore / speed) * siblingFactor };
}

/** Its place among the runnable steps, and what is to be built for its system before it. */
function placeOf(farm: FarmState, step: Step): { place: number; seconds: number } | undefined {
  let place = 0;
  let seconds = 0;
  for (const { derivation, system } of runnableInOrder(farm, placesMax)) {
    place += 1;
    if (derivation === step.facts.derivation) return { place, seconds };
    if (system === step.facts.system) seconds += farm.steps.get(derivation)?.seconds ?? 0;
  }
  return undefined;
}

function forecastLease(
  farm: FarmState,
  { step, builder, startedAt }: Lease,
): Omit<Forecast, 'place'> {
  const { low, high } = secondsOf(step, builder.facts.speedFactor);
  const earliest = instant(Math.max(farm.now, later(startedAt, low)));
  const latest = later(startedAt, high);
  return {
    starts: { earliest: startedAt, latest: startedAt },
    // It takes longer than anybody thought: for how long yet nobody knows.
    ends: { earliest, latest: latest >= farm.now ? latest : null },
  };
}

/** When all inputs will probably be there: no sooner than the longest chain takes, no later than all work of the system. */
function forecastInputs(farm: FarmState, step: Step): Span {
  const ends = new Map<Step, number>();
  const open = [step];
  let isKnown = true;
  for (let next = open.at(-1); next !== undefined; next = open.at(-1)) {
    const missing = ends.has(next) ? [] : [...next.inputs].filter((input) => !ends.has(input));
    if (ends.size + open.length > belowMax) return { earliest: farm.now, latest: null };
    if (missing.length > 0) {
      open.push(...missing);
      continue;
    }
    open.pop();
    if (next.queue.builders.size === 0) isKnown = false;
    if (!ends.has(next)) ends.set(next, earliestEnd(farm, next, ends));
  }
  const earliest = Math.max(farm.now, ...step.inputs.values().map((input) => ends.get(input) ?? 0));
  const backlog = secondsLeft(farm, step.queue.load);
  const chain = (earliest - farm.now) * strangerFactor * siblingFactor;
  const latest =
    isKnown && Number.isFinite(backlog) ? later(farm.now, chain / 1000 + backlog) : null;
  return { earliest: instant(earliest), latest };
}

function earliestEnd(farm: FarmState, step: Step, ends: ReadonlyMap<Step, number>): number {
  if (step.state.type === 'leased') return forecastLease(farm, step.state.lease).ends.earliest;
  let start: number = step.state.type === 'backing-off' ? step.state.until : farm.now;
  for (const input of step.inputs) start = Math.max(start, ends.get(input) ?? 0);
  return start + 1000 * secondsOf(step).low;
}

/** Build time, on the fastest machine that it may get unless it has one. */
function secondsOf(step: Step, speed?: number): { readonly low: number; readonly high: number } {
  const { seconds, history, queue } = step;
  let fastest = speed ?? 0;
  if (speed === undefined) {
    for (const { facts } of queue.builders) fastest = Math.max(fastest, facts.speedFactor);
  }
  const expected = seconds / (fastest > 0 ? fastest : 1);
  let factor = strangerFactor;
  if (history.seconds !== undefined) factor = knownFactor;
  else if (history.family.seconds !== undefined) factor = siblingFactor;
  return { low: expected / factor, high: expected * factor };
}

function late({ latest }: Span, seconds: number | null): Instant | null {
  return latest === null || seconds === null ? null : later(latest, seconds);
}

const later = (at: Instant, seconds: number): Instant => instant(Math.round(at + 1000 * seconds));
