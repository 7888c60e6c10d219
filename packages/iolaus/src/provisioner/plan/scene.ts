import type { PoolConfiguration, ProvisionerConfiguration } from '../configuration.ts';
import type { Budget } from './budget.ts';
import type { Member } from './fleet.ts';
import type { KnownMachine, Memory } from './memory.ts';
import type { Demand } from './observation.ts';
import type { Limits } from './schedule.ts';
import type { Wish } from './wish.ts';

/** What a decision about one pool is made from, and what has been decided so far. */
export type Scene = {
  readonly configuration: ProvisionerConfiguration;
  readonly pool: PoolConfiguration;
  readonly limits: Limits;
  readonly now: number;
  /** Null: the runner does not answer. */
  readonly demand: Demand | null;
  readonly members: readonly Member[];
  readonly generation: string;
  readonly budget: Budget;
  readonly wishes: Wish[];
  memory: Memory;
  /** What stood in the way. */
  readonly obstacles: string[];
};

export function ofMachine(
  scene: Scene,
  type: 'start' | 'stop' | 'destroy',
  { name, machine }: Member,
  because: string,
): void {
  if (machine === null) return;
  const { driver } = scene.pool;
  scene.wishes.push({ type, name, driver, machine, because });
}

export function drain(
  scene: Scene,
  member: Member,
  because: string,
  { isFinal }: { readonly isFinal: boolean },
): void {
  const since = member.known?.drain?.since ?? scene.now;
  change(scene, member, { drain: { since, because, isFinal } });
  scene.wishes.push({ type: 'drain', name: member.name, because });
}

export function undrain(scene: Scene, member: Member, because: string): void {
  change(scene, member, { drain: null });
  scene.wishes.push({ type: 'undrain', name: member.name, because });
}

function change(scene: Scene, { name, known }: Member, changes: Partial<KnownMachine>): void {
  if (known === null) return;
  const machines = { ...scene.memory.machines, [name]: { ...known, ...changes } };
  scene.memory = { ...scene.memory, machines };
}
