import { derivationPath } from '@iolaus/nix';
import type { MadeUpBuilder } from './builder.ts';
import type { BuildRow, StepRow } from './database/tables.ts';
import { foretell, status } from './foretell.ts';
import type { Node } from './graph.ts';
import type { World } from './world.ts';

// What a builder of ours takes besides its slots.
const stepsAheadMax = 10;

/** Looks at everything that happens, and holds it against what was promised. */
export class Watch {
  readonly #world: World;
  readonly #breaches: string[] = [];
  /** Busy rows of each derivation. */
  readonly #busy = new Map<string, Set<string>>();
  /** How often a step came to nothing through the farm's own fault, losses of a builder left out. */
  readonly #faults = new Map<string, number>();
  /** Steps whose rows the transaction changed. */
  readonly #touched = new Set<string>();
  readonly #collected = new Set<string>();
  /** Steps that had a row at some time. */
  readonly #attempted = new Set<string>();

  constructor(world: World) {
    this.#world = world;
    const { builds, steps } = world.server.tables;
    builds.onChange = (before, after) => this.#buildChanged(before, after);
    world.server.onCommitted = () => this.#lookAtBusyRows();
    steps.onChange = (before, after) => this.#stepChanged(before, after);
  }

  get breaches(): readonly string[] {
    return this.#breaches;
  }

  complain(text: string): void {
    this.#world.tell('BREACH', text);
    this.#breaches.push(text);
  }

  #insist(holds: boolean, breach: () => string): void {
    if (!holds) this.complain(breach());
  }

  // What the farm says of itself

  lookAtFarm(): void {
    for (const breach of this.#world.seat.runner?.checkPromises() ?? []) {
      this.#insist(false, () => `the farm: ${breach}`);
    }
  }

  // What arrives at builders

  orderArrived(builder: MadeUpBuilder, node: Node, held: number): void {
    const { plan } = builder;
    const { name } = node.derivation;
    this.#world.happened('effect: an order arrived');
    const rows = this.#busy.get(node.path)?.size ?? 0;
    const isRecorded = rows > 0 || this.#attempted.has(node.path);
    this.#insist(isRecorded, () => `${name} was sent to ${plan.hostname} before it was recorded`);
    const most = plan.slots + (plan.vice === 'overstates' ? 6 : 0) + stepsAheadMax;
    this.#insist(held <= 2 * most, () => `${plan.hostname} was sent ${held} steps at once`);
    const { system, features } = node.plan;
    this.#insist(
      (system === 'builtin' || plan.systems.includes(system)) &&
        features.every((feature) => plan.features.includes(feature)),
      () => `${name} was sent to ${plan.hostname}, which cannot build it`,
    );
    const missing = node.inputs.find((input) => !this.#world.store.isBuilt(input));
    this.#insist(
      missing === undefined || this.#collected.has(missing.path),
      () => `${name} was sent before its input ${missing?.derivation.name} was there`,
    );
  }

  collectGarbage(node: Node): void {
    for (const path of node.outputs.values()) this.#world.store.valid.delete(path);
    this.#collected.add(node.path);
  }

  // What is committed

  #buildChanged(before: BuildRow | undefined, after: BuildRow | undefined): void {
    if (after === undefined || before === undefined) return;
    if (before.finished && after.finished) {
      const isSame = before.status === after.status && before.stopTime === after.stopTime;
      this.#insist(isSame, () => `build ${after.id} was finished twice`);
    }
    if (before.finished || !after.finished) return;
    this.#world.happened(`build ended with status ${after.status}`);
    this.#world.tell('database', `build ${after.id} has ended with status ${after.status}`);
    const node = this.#nodeOf(after.derivation);
    if (after.status === status.succeeded) {
      this.#insist(
        this.#world.store.isBuilt(node) || this.#collected.has(node.path),
        () => `build ${after.id} succeeded, but its outputs are not there`,
      );
    }
    this.#insist(
      this.#isJust(node, after.status),
      () =>
        `build ${after.id} (${node.derivation.name}) ended with status ${after.status}; foretold: ${[...foretell(this.#world.graph, node)].join(' or ')}`,
    );
  }

  #isJust(node: Node, ended: number | null): boolean {
    const { graph, plan } = this.#world;
    if (ended === null) return false;
    if (ended === status.cancelled || foretell(graph, node).has(ended)) return true;
    const below = [...graph.below(node)];
    if (ended === status.aborted) {
      return below.some(({ path }) => (this.#faults.get(path) ?? 0) >= plan.settings.maxTries);
    }
    return ended === status.unsupported && below.some((next) => this.#maySeemUnsupported(next));
  }

  /** No builder that could build it was there all the time. */
  #maySeemUnsupported({ plan: { system, features } }: Node): boolean {
    const { builders, settings } = this.#world.plan;
    return !builders.some(
      (builder) =>
        builder.vice === 'none' &&
        builder.joinsAt < 1_000 * settings.maxUnsupportedSeconds &&
        this.#world.plan.troubles.length === 0 &&
        (system === 'builtin' || builder.systems.includes(system)) &&
        features.every((feature) => builder.features.includes(feature)),
    );
  }

  #stepChanged(before: StepRow | undefined, after: StepRow | undefined): void {
    const row = after ?? before;
    if (row === undefined) return;
    const path = baseName(row.derivation);
    const key = `${row.build}/${row.number}`;
    const busy = this.#busy.get(path) ?? new Set();
    this.#busy.set(path, busy);
    if (after !== undefined && after.busy !== 0) busy.add(key);
    else busy.delete(key);
    this.#attempted.add(path);
    this.#touched.add(path);
    if (after === undefined || after.busy !== 0 || before?.busy === 0) return;
    this.#world.happened(`step ended with status ${after.status}`);
    if (after.status === status.aborted && !isLoss(after.errorMessage)) {
      this.#faults.set(path, (this.#faults.get(path) ?? 0) + 1);
    }
  }

  /** One attempt at a time, as far as anybody can see. */
  #lookAtBusyRows(): void {
    for (const path of this.#touched) {
      const rows = this.#busy.get(path)?.size ?? 0;
      this.#insist(rows <= 1, () => `${path} has ${rows} busy rows`);
    }
    this.#touched.clear();
  }

  #nodeOf(derivation: string): Node {
    return this.#world.graph.node(derivationPath(baseName(derivation)));
  }

  // At the end

  get isAllOver(): boolean {
    return [...this.#world.server.tables.builds.committed()].every(({ finished }) => finished);
  }

  lookBack(): void {
    const { tables } = this.#world.server;
    for (const build of tables.builds.committed()) {
      this.#insist(build.finished, () => `build ${build.id} has not ended long after all was well`);
    }
    for (const step of tables.steps.committed()) {
      this.#insist(step.busy === 0, () => `step ${step.build}/${step.number} is busy for ever`);
    }
    const { runner } = this.#world.seat;
    this.#insist(runner !== undefined, () => 'the runner is not there');
    if (runner === undefined) return;
    const { running, waitingSteps, unfinishedBuilds } = runner.progress();
    this.#insist(running.length === 0, () => `${running.length} attempts are left over`);
    this.#insist(waitingSteps === 0, () => `${waitingSteps} steps are left over`);
    this.#insist(unfinishedBuilds === 0, () => `${unfinishedBuilds} builds are left over`);
  }
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const isLoss = (message: string | null): boolean =>
  message === 'the builder was lost' || message === 'the runner was restarted';
