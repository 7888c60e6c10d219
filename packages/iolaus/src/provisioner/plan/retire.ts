import { sayDuration } from '../duration.ts';
import { blameBoot } from './blame.ts';
import type { Member } from './fleet.ts';
import { drain, ofMachine } from './scene.ts';
import type { Scene } from './scene.ts';

/** What has to go whatever is wanted: what failed, what its provider takes back, what is old, and what has drained. */
export function retire(scene: Scene): void {
  for (const member of scene.members) {
    if (member.machine === null) continue;
    if (member.phase === 'failed')
      ofMachine(scene, 'destroy', member, 'its driver says that it failed');
    else if (member.phase === 'booting') giveUpBoot(scene, member);
    else if (member.phase === 'lost') giveUpLost(scene, member);
    else if (member.phase === 'draining') finish(scene, member);
    else if (member.phase === 'ready') replace(scene, member);
  }
}

function giveUpBoot(scene: Scene, member: Member): void {
  const { pool, now, demand } = scene;
  const waited = now - (member.known?.firstSeen ?? now);
  // A runner that cannot be asked, or has just begun, may have the builder any moment.
  if (demand === null || waited < pool.bootDeadline) return;
  if (demand.now - demand.startedAt < pool.lostDeadline) return;
  const because = `it has not joined within ${sayDuration(pool.bootDeadline)}`;
  scene.memory = blameBoot(scene.memory, pool.name, member.offer);
  ofMachine(scene, 'destroy', member, because);
}

function giveUpLost(scene: Scene, member: Member): void {
  const { pool, now, demand } = scene;
  const since = member.known?.lostSince ?? now;
  if (demand === null || now - since < pool.lostDeadline) return;
  if (demand.now - demand.startedAt < pool.lostDeadline) return;
  const because = `its builder has been gone for ${sayDuration(pool.lostDeadline)}`;
  ofMachine(scene, 'destroy', member, because);
}

/** The runner has to say that it gives it nothing more and that it has nothing left. */
function finish(scene: Scene, member: Member): void {
  const { builder, known, machine } = member;
  const because = known?.drain?.because ?? 'somebody drains it';
  const { drainTimeout, whenIdle, lostDeadline } = scene.pool;
  const waited = scene.now - (known?.drain?.since ?? scene.now);
  if (builder === null) {
    if (scene.demand === null) return;
    const gone = scene.now - (known?.lostSince ?? scene.now);
    if (gone >= lostDeadline)
      ofMachine(scene, 'destroy', member, `${because}; its builder is gone`);
    return;
  }
  const isEmpty = builder.closed === 'draining' && builder.attempts === 0 && builder.uploads === 0;
  if (isEmpty) {
    const ends =
      whenIdle === 'stop' && machine?.isInterrupted !== true && known?.drain?.isFinal !== true;
    ofMachine(scene, ends ? 'stop' : 'destroy', member, because);
  } else if (drainTimeout !== undefined && waited >= drainTimeout) {
    const late = `it has drained for ${sayDuration(drainTimeout)}, which is the longest that is allowed`;
    ofMachine(scene, 'destroy', member, late);
  } else if (builder.closed !== 'draining' && known !== null && known.drain !== null) {
    // The runner was started anew, or was not heard.
    drain(scene, member, because, known.drain);
  }
}

function replace(scene: Scene, member: Member): void {
  const { machine, builder } = member;
  if (machine === null || scene.demand === null) return;
  if (machine.isInterrupted) {
    drain(scene, member, 'its provider takes it back', { isFinal: true });
    return;
  }
  if (builder === null || builder.attempts > 0) return;
  const { maxAge } = scene.pool;
  if (maxAge !== undefined && scene.now - bornAt(member, scene.now) >= maxAge) {
    drain(scene, member, `it is older than ${sayDuration(maxAge)}`, { isFinal: true });
  } else if (machine.generation !== scene.generation) {
    drain(scene, member, 'the settings of its pool have changed since it was made', {
      isFinal: true,
    });
  }
}

/** Providers' clocks go wrong: nothing was made after we saw it. */
export function bornAt({ machine, known }: Member, now: number): number {
  const seen = known?.firstSeen ?? now;
  return Math.min(machine?.createdAt ?? seen, seen);
}
