import { defaultStoreDirectory, printStorePath } from '@iolaus/nix';
import { stepKey } from '../database/tables.ts';
import type { BuildRow, OutputRow, StepRow } from '../database/tables.ts';
import { status } from '../foretell.ts';
import type { Node } from '../graph.ts';
import { epochMilliseconds } from '../life.ts';
import type { Trouble } from '../plan.ts';
import type { World } from '../world.ts';
import { baseName } from './base-name.ts';
import type { Watch } from './watch.ts';

/** Of `BuildSteps.type`: nobody built it. */
export const foundType = 1;

/** What the rows of outputs say that were there: each once, and only where no step tells of them. */
export class FoundWatch {
  readonly #world: World;
  readonly #watch: Watch;
  /** Rows and successes of the transaction that is being committed. */
  readonly #rows: StepRow[] = [];
  readonly #successes: BuildRow[] = [];
  readonly #queuedAt = new Map<number, number>();
  #deletedAt = -Infinity;

  constructor(world: World, watch: Watch) {
    this.#world = world;
    this.#watch = watch;
  }

  stepChanged(before: StepRow | undefined, after: StepRow | undefined): void {
    if ((after ?? before)?.type !== foundType || after === undefined) return;
    this.#world.happened('what was there got a row');
    if (before === undefined) this.#rows.push(after);
    else this.#watch.complain(`row ${stepKey(after)} was changed, though nobody is at work on it`);
  }

  buildChanged(before: BuildRow | undefined, after: BuildRow | undefined): void {
    const { now } = this.#world.agenda;
    if (after === undefined) this.#deletedAt = now;
    else if (before?.finished !== false && !after.finished) this.#queuedAt.set(after.id, now);
    else if (before?.finished === false && after.status === status.succeeded)
      this.#successes.push(after);
  }

  committed(): void {
    for (const row of this.#rows.splice(0)) this.#look(row);
    for (const build of this.#successes.splice(0)) this.#lookForUntold(build);
  }

  #look(row: StepRow): void {
    const { graph, server } = this.#world;
    const node = graph.node(baseName(row.derivation));
    const insist = (holds: boolean, what: string): void =>
      this.#watch.insist(holds, () => `row ${stepKey(row)} of what was there ${what}`);
    insist(isPlain(row), `is ${JSON.stringify(row)}`);
    insist(this.#isOfNow(row), `is of ${row.startTime} to ${row.stopTime}`);
    const build = server.tables.builds.get(String(row.build));
    const isNeeded =
      build !== undefined && graph.below(graph.node(baseName(build.derivation))).has(node);
    insist(isNeeded, 'is of a build that has no need of it');
    const outputs = this.#outputsOf(row);
    insist(outputs.length > 0, 'names no output');
    for (const { name, path } of outputs) {
      insist(path === pathOf(node, name), `says that ${name} lies at ${path}`);
      insist(this.#isThere(node, name), `tells of ${name}, which is not there`);
      insist(this.#tellers(node, name).length === 1, `tells of ${name} as others do`);
    }
  }

  /** Neither of the future nor of a runner before this one. */
  #isOfNow({ startTime, stopTime }: StepRow): boolean {
    const { plan, seat, agenda } = this.#world;
    if (startTime === null || startTime !== stopTime) return false;
    if (plan.troubles.some(({ type }) => type === 'clock-set')) return true;
    const seconds = (milliseconds: number): number =>
      Math.floor((epochMilliseconds + milliseconds) / 1_000);
    return seconds(seat.startedAt) <= startTime && startTime <= seconds(agenda.now);
  }

  /** Whoever looks for outputs that were there when the build was queued finds a row, unless that went with another build. */
  #lookForUntold({ id, derivation, startTime, stopTime }: BuildRow): void {
    const { graph, plan, store } = this.#world;
    const node = graph.node(baseName(derivation));
    const queuedAt = this.#queuedAt.get(id) ?? 0;
    const wasThere =
      startTime === stopTime && store.makersOf(node).every(({ at }) => at < queuedAt);
    if (!wasThere || queuedAt <= this.#deletedAt || node.plan.floats === true) return;
    // What cannot be written down is there all the same.
    if (plan.troubles.some(({ type }) => preventing.has(type))) return;
    for (const name of node.outputs.keys()) {
      this.#watch.insist(
        this.#tellers(node, name).length > 0,
        () => `no row tells of ${name} of build ${id}`,
      );
    }
  }

  #isThere(node: Node, name: string): boolean {
    const { store } = this.#world;
    const path = node.outputs.get(name);
    return path !== undefined && (store.has(path) || store.collected.has(node));
  }

  /** Rows of the derivation that tell where the output lies. */
  #tellers({ path: derivation }: Node, name: string): StepRow[] {
    return [...this.#world.server.tables.steps.committed()].filter(
      (row) =>
        baseName(row.derivation) === derivation &&
        this.#outputsOf(row).some((output) => output.name === name),
    );
  }

  #outputsOf(row: StepRow): OutputRow[] {
    const { stepOutputs } = this.#world.server.tables;
    return [...stepOutputs.committed()].filter(
      ({ owner, path }) => owner === stepKey(row) && path !== '',
    );
  }
}

const preventing = new Set<Trouble['type']>([
  'database-cut',
  'commit-cut',
  'database-stopped',
  'statement-fails',
]);

/** Without an attempt, a machine or a fault. */
const isPlain = ({
  busy,
  status: ended,
  machine,
  errorMessage,
  propagatedFrom,
}: StepRow): boolean =>
  busy === 0 &&
  ended === status.succeeded &&
  machine === '' &&
  errorMessage === null &&
  propagatedFrom === null;

const pathOf = ({ outputs }: Node, name: string): string | undefined => {
  const path = outputs.get(name);
  return path === undefined ? undefined : printStorePath(defaultStoreDirectory, path);
};
