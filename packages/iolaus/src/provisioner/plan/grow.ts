import { listLag } from '../drivers/settings.ts';
import { sayDuration } from '../duration.ts';
import { charge, exceeds } from './budget.ts';
import { isCapacity } from './fleet.ts';
import type { Member } from './fleet.ts';
import { offerKey, poolRecord } from './memory.ts';
import { offersOf } from './policy.ts';
import type { Offer } from './policy.ts';
import { ofMachine, undrain } from './scene.ts';
import type { Scene } from './scene.ts';

/** Gets so many more: what drains comes back, what is stopped is started, and the rest is asked for, all at once. */
export function grow(
  scene: Scene,
  missing: number,
  needed: { memoryBytes: number },
  because: string,
): void {
  let left = missing;
  for (const member of scene.members.filter(comesBack)) {
    if (left <= 0) return;
    undrain(scene, member, because);
    left -= 1;
  }
  for (const member of scene.members.filter(({ phase }) => phase === 'stopped')) {
    if (left <= 0) return;
    const offer = offersOf(scene.pool).find(({ name }) => name === member.offer);
    if (offer !== undefined && isRefused(scene, offer)) return;
    ofMachine(scene, 'start', member, because);
    scene.wishes.push({ type: 'undrain', name: member.name, because });
    left -= 1;
  }
  create(scene, left, needed, because);
}

/** Somebody else's drain is not ours to end. */
const comesBack = ({ phase, known, builder }: Member): boolean =>
  phase === 'draining' && builder !== null && known?.drain?.isFinal === false;

function create(
  scene: Scene,
  count: number,
  needed: { memoryBytes: number },
  because: string,
): void {
  const { pool, limits, members, now } = scene;
  if (count <= 0) return;
  const { brokenUntil, neverJoined } = poolRecord(scene.memory, pool.name);
  if (brokenUntil > now) {
    scene.obstacles.push(`${neverJoined} machines in a row never joined, so it makes none for now`);
    return;
  }
  if (isComing(scene)) return;
  const room = Math.min(count, pool.createAtOnce, limits.max - members.length);
  if (room < count && limits.max - members.length < count) {
    scene.obstacles.push(`${members.length} exist, and ${limits.max} may`);
  }
  for (let index = 0; index < room; index += 1) {
    const offer = chooseOffer(scene, needed.memoryBytes);
    if (offer === null || isRefused(scene, offer)) return;
    ask(scene, offer, index, because);
  }
}

/** Where nothing is remembered, machines that were asked for just before may not be in the list yet. */
function isComing({ memory, now, pool, configuration, obstacles }: Scene): boolean {
  const type = configuration.drivers[pool.driver]?.type;
  const settles = (memory.since ?? now) + (type === undefined ? 0 : listLag[type]);
  if (settles <= now) return false;
  obstacles.push(
    `nothing is remembered, and what was asked for just before would be listed in ${sayDuration(settles - now)}`,
  );
  return true;
}

function isRefused({ budget, configuration, obstacles }: Scene, offer: Offer): boolean {
  const excess = exceeds(budget, offer, configuration);
  if (excess !== null) obstacles.push(excess);
  return excess !== null;
}

function ask(scene: Scene, offer: Offer, index: number, because: string): void {
  const { pool, now, generation, configuration } = scene;
  const name = `${configuration.owner}-${pool.name}-${now.toString(36)}-${index}`;
  const wish = {
    pool: pool.name,
    driver: pool.driver,
    offer: offer.name,
    generation,
    at: now,
    isCreated: false,
    isUnsure: false,
  };
  scene.memory = { ...scene.memory, wishes: { ...scene.memory.wishes, [name]: wish } };
  scene.wishes.push({ type: 'create', name, pool: pool.name, offer, because });
  charge(scene.budget, offer);
}

/** The cheapest that fits and is to be had. Some are wanted that nobody takes back. */
function chooseOffer(scene: Scene, memoryBytes: number): Offer | null {
  const { pool, memory, now, members, wishes, obstacles } = scene;
  const offers = offersOf(pool);
  const names = new Set(offers.filter(({ isSpot }) => !isSpot).map(({ name }) => name));
  const lasting =
    members.filter((member) => isCapacity(member) && names.has(member.offer)).length +
    wishes.filter((wish) => wish.type === 'create' && !wish.offer.isSpot).length;
  const fitting = offers.filter((offer) => offer.memoryBytes >= memoryBytes);
  // What fits no machine is tried on the largest: predictions err.
  const allowed = fitting.length > 0 ? fitting : offers.toSorted(byMemory).slice(0, 1);
  const wanted = allowed.filter(({ isSpot }) => !isSpot || lasting >= pool.onDemandBase);
  for (const offer of wanted.length > 0 ? wanted : allowed) {
    const record = memory.offers[offerKey(pool.name, offer.name)];
    if (record === undefined || record.until <= now) return offer;
    obstacles.push(`${offer.name}: ${record.message}`);
  }
  return null;
}

const byMemory = (one: Offer, other: Offer): number => other.memoryBytes - one.memoryBytes;

/** Asks once more, under the same name, for what nobody knows whether it was made. */
export function askAgain(scene: Scene): void {
  for (const { name, offer: offerName } of scene.members.filter(
    ({ phase }) => phase === 'wished',
  )) {
    const wish = scene.memory.wishes[name];
    const offer = offersOf(scene.pool).find((one) => one.name === offerName);
    if (wish?.isUnsure !== true || offer === undefined) continue;
    const because = 'nobody knows whether it was made';
    scene.wishes.push({ type: 'create', name, pool: scene.pool.name, offer, because });
  }
}
