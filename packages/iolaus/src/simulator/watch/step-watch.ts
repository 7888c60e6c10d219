import type { DerivationPath } from '@iolaus/nix';
import { resolvedStatusNumber } from '../../database/status.ts';
import { stepKey } from '../database/tables.ts';
import type { StepRow } from '../database/tables.ts';
import { foreignMachine } from '../foreign-program.ts';
import { status } from '../foretell.ts';
import type { Node } from '../graph.ts';
import { settingsOf } from '../plan.ts';
import type { Trouble } from '../plan.ts';
import type { World } from '../world.ts';
import { baseName } from './base-name.ts';
import { foundType } from './found-watch.ts';
import type { Watch } from './watch.ts';

const verdicts = new Set<number>([
  status.succeeded,
  status.failed,
  status.timedOut,
  status.logLimitExceeded,
]);

/** What the rows of steps say: one attempt at a time, and a verdict only by who has the lease. */
export class StepWatch {
  readonly #world: World;
  readonly #watch: Watch;
  readonly #busy = new Map<DerivationPath, Map<string, StepRow>>();
  /** How often a step came to nothing through the farm's own fault; losses of a builder do not count. */
  readonly #faults = new Map<DerivationPath, number>();
  /** Steps whose rows the transaction changed. */
  readonly #touched = new Set<DerivationPath>();

  constructor(world: World, watch: Watch) {
    this.#world = world;
    this.#watch = watch;
  }

  /** Rows that went with a deleted build cannot be counted any more. */
  isGivenUp(node: Node): boolean {
    const faults = (this.#faults.get(node.path) ?? 0) + this.#watch.builds.deletions;
    return faults >= Math.min(...settingsOf(this.#world.plan).map(({ maxTries }) => maxTries));
  }

  /** The row of the attempt that is under way, as far as anybody can see. */
  busyRow(path: DerivationPath): StepRow | undefined {
    return this.#busy.get(path)?.values().next().value;
  }

  changed(before: StepRow | undefined, after: StepRow | undefined): void {
    const row = after ?? before;
    if (row === undefined || row.type === foundType || row.machine === foreignMachine) return;
    const path = baseName(row.derivation);
    const rows = this.#busy.get(path) ?? new Map<string, StepRow>();
    this.#busy.set(path, rows);
    this.#touched.add(path);
    if (after !== undefined && after.busy !== 0) rows.set(stepKey(row), row);
    else rows.delete(stepKey(row));
    if (after !== undefined && after.busy === 0 && before?.busy !== 0) this.#ended(path, after);
  }

  committed(): void {
    for (const path of this.#touched) {
      const rows = this.#busy.get(path)?.size ?? 0;
      this.#watch.insist(rows <= 1, () => `${path} has ${rows} busy rows`);
      this.#watch.orders.expect(path, this.busyRow(path));
    }
    this.#touched.clear();
  }

  lookBack(): void {
    for (const step of this.#world.server.tables.steps.committed()) {
      this.#watch.insist(step.busy === 0, () => `step ${stepKey(step)} is busy for ever`);
    }
    this.#lookForTwins();
  }

  /** What a step was resolved into is remembered. */
  #lookForTwins(): void {
    const seen = new Set<string>();
    for (const { build, derivation, status } of this.#world.server.tables.steps.committed()) {
      if (status !== resolvedStatusNumber) continue;
      const key = `${build} ${derivation}`;
      this.#watch.insist(!seen.has(key), () => `${derivation} was resolved twice`);
      seen.add(key);
    }
  }

  /** A builder that can come back and has no vice is never away for long, whatever else goes wrong. */
  #isLossOfFaithful(
    path: DerivationPath,
    { status: ended, errorMessage, machine, startTime }: StepRow,
  ): boolean {
    if (ended !== status.aborted || !losses.has(errorMessage)) return false;
    const { plan, builders } = this.#world;
    const builder = builders.find((one) => one.plan.hostname === machine)?.plan;
    if (builder === undefined || !builder.remembers || builder.vice !== 'none') return false;
    // A clock that is set shortens the wait, and a step whose input is gone has to wait for that.
    if (plan.troubles.some(({ type }) => excuses.has(type))) return false;
    return this.#watch.orders.isWith(path, machine, startTime);
  }

  #ended(path: DerivationPath, row: StepRow): void {
    this.#world.happened(`step ended with status ${row.status}`);
    if (row.status === status.aborted && !isExcused(row.errorMessage)) {
      // What a derivation turned out to be is tried on its behalf.
      const { path: asked } = this.#world.graph.node(path).original ?? { path };
      this.#faults.set(asked, (this.#faults.get(asked) ?? 0) + 1);
    }
    this.#watch.insist(!this.#isLossOfFaithful(path, row), () => {
      const key = stepKey(row);
      return `${row.machine} lost step ${key}, though it would have come back: ${row.errorMessage}`;
    });
    if (row.status === null || !verdicts.has(row.status) || row.startTime === null) return;
    this.#watch.insist(
      this.#watch.orders.hasReported(path, row.machine),
      () =>
        `step ${stepKey(row)} ended with status ${row.status}, but ${row.machine} has reported nothing`,
    );
  }
}

const excuses = new Set<Trouble['type']>(['clock-set', 'garbage-collected']);

/** The step has lost no try by it. */
const isExcused = (message: string | null): boolean =>
  losses.has(message) ||
  message === 'made way for an emergency' ||
  message === 'taken back before it was begun';

const losses = new Set<string | null>([
  'the builder was lost',
  'the runner was restarted',
  'the builder came back without it',
  'the step cannot go on where it was',
  'there is a later attempt',
]);
