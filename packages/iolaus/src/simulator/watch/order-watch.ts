import type { DerivationPath } from '@iolaus/nix';
import type { BuildOrder } from '../../protocol/build-order.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';
import type { StepRow } from '../database/tables.ts';
import { stepKey } from '../database/tables.ts';
import { epochMilliseconds } from '../life.ts';
import type { Node } from '../graph.ts';
import type { BuilderPlan, Trouble } from '../plan.ts';
import type { World } from '../world.ts';
import type { Watch } from './watch.ts';

// What a builder of ours takes besides its slots.
const stepsAheadMax = 40;
// Between the end of the last build that wants a step and the last message that is still under way. Where store or database
// are slow, the graph of a build may still be read when it is cancelled.
const wantedGraceMilliseconds = 20_000;
const slowGraceMilliseconds = 120_000;
const slowing = new Set<Trouble['type']>(['store-slow', 'database-slow', 'database-stopped']);
// From the commit to the builder it takes milliseconds; a database that is slow answers within some seconds.
const lateMilliseconds = 30_000;

/** What arrives at builders: recorded, wanted, once, in time, and to be built there. */
export class OrderWatch {
  readonly #world: World;
  readonly #watch: Watch;
  readonly #arrived = new Map<AttemptUuid, string>();
  readonly #latest = new Map<DerivationPath, BuildOrder>();
  /** When the latest order of a step arrived, in seconds since the epoch. */
  readonly #arrivedAt = new Map<DerivationPath, number>();
  readonly #arrivals = new Map<
    DerivationPath,
    readonly { readonly fence: number; readonly at: number }[]
  >();
  readonly #reported = new Set<AttemptUuid>();
  readonly #heldSince = new Map<string, number>();
  /** Rows whose order was expected once. */
  readonly #isKnown = new Set<string>();
  /** Rows whose order has not arrived, and since when. */
  readonly #expected = new Map<
    DerivationPath,
    { readonly row: string; readonly machine: string; readonly since: number }
  >();

  constructor(world: World, watch: Watch) {
    this.#world = world;
    this.#watch = watch;
    world.server.tables.holds.onChange = (before, after) => {
      const hostname = (after ?? before)?.hostname ?? '';
      if (after === undefined) this.#heldSince.delete(hostname);
      else if (before === undefined) this.#heldSince.set(hostname, world.agenda.now);
    };
  }

  /** When the first order after that of the attempt arrived, in milliseconds since the beginning; Infinity: none did. */
  nextArrival(path: DerivationPath, attempt: number): number {
    return this.#arrivals.get(path)?.find(({ fence }) => fence > attempt)?.at ?? Infinity;
  }

  arrived(builder: BuilderPlan, node: Node, order: BuildOrder, held: number): void {
    const { insist } = this.#insisting(builder, node);
    this.#world.happened('an order arrived');
    const row = this.#watch.steps.busyRow(node.path);
    this.#expected.delete(node.path);
    const isOver = order.fence <= (this.#latest.get(node.path)?.fence ?? 0);
    const isRecorded = row !== undefined || this.#isOvertaken(node);
    // For a build that is deleted no row can be written.
    insist(isRecorded || isOver || this.#watch.builds.deletions > 0, 'before it was recorded');
    insist(
      !this.#arrived.has(order.attempt),
      `though ${this.#arrived.get(order.attempt)} has that attempt`,
    );
    insist(!isOver, 'under a number that is not higher than an earlier one');
    insist(held <= builder.slots + stepsAheadMax, `besides ${held} others`);
    insist(canBuild(builder, node), 'and cannot be built there');
    insist(row === undefined || this.#hasRested(node), 'before it had rested');
    insist(!this.#isHeld(builder), 'though it is held back');
    insist(this.#watch.builds.isWanted(node, this.#wantedGrace()), 'though nobody wants it');
    const missing = node.inputs.find((input) => !this.#world.store.isBuilt(input));
    insist(
      missing === undefined || this.#world.store.collected.has(missing),
      `before its input ${missing?.derivation.name} was there`,
    );
    this.#arrived.set(order.attempt, builder.hostname);
    this.#latest.set(node.path, order);
    const earlier = this.#arrivals.get(node.path) ?? [];
    this.#arrivals.set(node.path, [...earlier, { fence: order.fence, at: this.#world.agenda.now }]);
    this.#arrivedAt.set(node.path, (epochMilliseconds + this.#world.agenda.now) / 1_000);
  }

  /** Also if another runner sent it to rest. Where the clock was set nobody can tell. */
  #hasRested({ path }: Node): boolean {
    const { plan, server, agenda } = this.#world;
    const { restsUntil = 0 } = server.tables.retries.get(path) ?? {};
    const wasSet = plan.troubles.some(({ type }) => type === 'clock-set');
    return wasSet || epochMilliseconds + agenda.now >= restsUntil;
  }

  /** For so long that nothing that was decided before can still be on its way. */
  #isHeld({ hostname }: BuilderPlan): boolean {
    const since = this.#heldSince.get(hostname) ?? Infinity;
    return this.#world.agenda.now - since > slowGraceMilliseconds;
  }

  #wantedGrace(): number {
    const isSlow = this.#world.plan.troubles.some(({ type }) => slowing.has(type));
    return isSlow ? slowGraceMilliseconds : wantedGraceMilliseconds;
  }

  /** The builder says how it went. */
  reported(attempt: AttemptUuid): void {
    this.#reported.add(attempt);
  }

  /** Whether the machine has said how its latest attempt went. */
  hasReported(path: DerivationPath, machine: string): boolean {
    const latest = this.#latest.get(path);
    return (
      latest !== undefined &&
      this.#reported.has(latest.attempt) &&
      this.#arrived.get(latest.attempt) === machine
    );
  }

  /** Whether the order of the attempt that began at that time (seconds since the epoch) has arrived at the machine. */
  isWith(path: DerivationPath, machine: string, startTime: number | null): boolean {
    const latest = this.#latest.get(path);
    return (
      latest !== undefined &&
      this.#arrived.get(latest.attempt) === machine &&
      (this.#arrivedAt.get(path) ?? 0) >= (startTime ?? Infinity)
    );
  }

  /** The database has the row: the order is on its way. */
  expect(path: DerivationPath, row: StepRow | undefined): void {
    if (row === undefined) this.#expected.delete(path);
    else if (
      this.#expected.get(path)?.row !== stepKey(row) &&
      row.status === null &&
      !this.#isKnown.has(stepKey(row))
    ) {
      this.#isKnown.add(stepKey(row));
      this.#expected.set(path, {
        row: stepKey(row),
        machine: row.machine,
        since: this.#world.agenda.now,
      });
    }
  }

  /** Only where nothing stands between: on good days, and to builders without a vice. */
  lookForLate(): void {
    if (this.#world.plan.troubles.length > 0) return;
    for (const [path, { machine, since }] of this.#expected) {
      if (this.#world.agenda.now - since < lateMilliseconds) continue;
      const builder = this.#world.builders.find(({ plan }) => plan.hostname === machine);
      if (builder?.plan.vice !== 'none') continue;
      this.#expected.delete(path);
      this.#watch.complain(`${path} was recorded, but did not get to ${machine}`);
    }
  }

  /** The row is closed already: the attempt was over before its order arrived. */
  #isOvertaken(node: Node): boolean {
    return [...this.#world.server.tables.steps.committed()].some(
      (row) => row.derivation.endsWith(node.path) && row.startTime !== null,
    );
  }

  #insisting(builder: BuilderPlan, node: Node): { insist: (holds: boolean, how: string) => void } {
    return {
      insist: (holds, how) =>
        this.#watch.insist(
          holds,
          () => `${node.derivation.name} was sent to ${builder.hostname} ${how}`,
        ),
    };
  }
}

function canBuild(builder: BuilderPlan, { plan: { system, features } }: Node): boolean {
  return (
    (system === 'builtin' || builder.systems.includes(system)) &&
    features.every((feature) => builder.features.includes(feature))
  );
}
