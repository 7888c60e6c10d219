import { isCapacity } from './fleet.ts';
import type { Member } from './fleet.ts';
import { bornAt } from './retire.ts';
import { drain } from './scene.ts';
import type { Scene } from './scene.ts';

/** A provider that counts by the second, or by the minute, wants no waiting for the end of a step. */
const shortStep = 60_000;

/** Lets so many go, those first that are missed least. What they do they finish. */
export function shrink(scene: Scene, surplus: number, because: string): void {
  const victims = scene.members
    .filter(({ phase, builder }) => phase === 'ready' && builder !== null)
    .filter((member) => isPaidUp(scene, member))
    .toSorted((one, other) => missed(scene, one) - missed(scene, other));
  const floor = scene.members.filter(isCapacity).length - scene.limits.min;
  for (const member of victims.slice(0, Math.min(surplus, floor))) {
    drain(scene, member, because, { isFinal: false });
  }
}

/** What is paid for is used: a machine goes when its step of billing is nearly over. */
function isPaidUp({ pool, now }: Scene, member: Member): boolean {
  const { billingStep, releaseBefore } = pool;
  if (billingStep <= shortStep) return true;
  const left = billingStep - ((now - bornAt(member, now)) % billingStep);
  return left <= Math.min(releaseBefore, billingStep);
}

/** Idle ones first, the longest idle of them; then those that have the least to do. */
function missed({ now }: Scene, { builder }: Member): number {
  if (builder === null) return 0;
  if (builder.attempts > 0) return 1 + builder.secondsLeft;
  return -Math.max(0, now - (builder.idleSince ?? builder.joinedAt ?? now));
}
