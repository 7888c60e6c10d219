import { cancelWith } from '../attempts/attempt.ts';
import type { Builder } from './builder.ts';
import { aheadLeases, stallMilliseconds, stallsAt } from './builder-watch.ts';
import type { FarmState } from '../farm-state.ts';
import { settleStep } from '../graph/graph.ts';
import type { Lease } from '../attempts/lease.ts';
import { changeStep } from '../graph/step-state.ts';
import { unknownPace } from './steps-ahead.ts';

/**
 * The builder has finished something. One whose slots fall free all the time gets steps ahead, so that it need not wait
 * for the next; behind long builds they would only be kept from others.
 */
export function noteTurnover(farm: FarmState, builder: Builder): void {
  const sinceLast = farm.now - builder.lastEnd;
  if (sinceLast > 0) {
    builder.pace = builder.isBrisk ? paceAfter(builder, sinceLast) : unknownPace;
    builder.lastEnds = 0;
  }
  builder.isBrisk = sinceLast <= stallMilliseconds;
  builder.lastEnd = farm.now;
  builder.lastEnds += 1;
}

/** Reports are taken in several at a time, so that the time until now is that of all that came in the moment before. */
function paceAfter({ pace, lastEnds }: Builder, milliseconds: number): number {
  const latest = milliseconds / lastEnds;
  return latest + (pace - latest) / 2 ** lastEnds;
}

/** Looks whether the builder gets to what it took ahead; if not, that goes back to where others can have it. */
export function lookForStall(farm: FarmState, builder: Builder): void {
  const at = stallsAt(builder);
  if (at !== undefined && at <= farm.now) {
    builder.isBrisk = false;
    returnAhead(farm, builder);
  }
  builder.lookAt = stallsAt(builder);
}

/** What the builder has not begun goes back to where others can have it. */
export function returnAhead(farm: FarmState, builder: Builder): void {
  for (const lease of aheadLeases(builder)) returnLease(farm, lease);
}

function returnLease(farm: FarmState, lease: Lease): void {
  const { step } = lease;
  cancelWith(farm, lease, { outcome: 'aborted', message: 'taken back before it was begun' });
  changeStep(farm, step, 'returned', { type: 'runnable', since: farm.now });
  settleStep(farm, step);
}
