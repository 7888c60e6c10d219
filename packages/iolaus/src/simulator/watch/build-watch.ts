import type { BuildRow } from '../database/tables.ts';
import { foretell, status } from '../foretell.ts';
import type { Node } from '../graph.ts';
import { settingsOf } from '../plan.ts';
import type { World } from '../world.ts';
import { baseName } from './base-name.ts';
import type { Watch } from './watch.ts';

/** From when the store is cleared for an attempt until its order arrives: as long as it takes where the store is slow. */
const dispatchMilliseconds = 20_000;

/** What becomes of builds: each ends once, and as its derivations foretell. */
export class BuildWatch {
  readonly #world: World;
  readonly #watch: Watch;
  /** How many rows somebody took away. */
  deletions = 0;
  /** Until when each node was wanted by some build; infinite while it is. */
  readonly #wantedUntil = new Map<Node, number>();

  constructor(world: World, watch: Watch) {
    this.#world = world;
    this.#watch = watch;
  }

  /** Whether somebody wants it, or did not long ago. */
  isWanted(node: Node, graceMilliseconds: number): boolean {
    return (
      (this.#wantedUntil.get(node.original ?? node) ?? 0) + graceMilliseconds >
      this.#world.agenda.now
    );
  }

  changed(before: BuildRow | undefined, after: BuildRow | undefined): void {
    const isWantedBefore = before?.finished === false;
    const isWantedAfter = after?.finished === false;
    if (isWantedBefore !== isWantedAfter) this.#noteWanted();
    if (after === undefined) this.deletions += 1;
    if (before !== undefined && after !== undefined) this.#compare(before, after);
  }

  lookBack(): void {
    for (const build of this.#world.server.tables.builds.committed()) {
      this.#watch.insist(
        build.finished,
        () => `build ${build.id} has not ended long after all was well`,
      );
    }
  }

  #noteWanted(): void {
    const { graph, server, agenda } = this.#world;
    const wanted = new Set<Node>();
    for (const build of server.tables.builds.committed()) {
      if (build.finished) continue;
      for (const node of graph.below(graph.node(baseName(build.derivation)))) wanted.add(node);
    }
    for (const node of wanted) this.#wantedUntil.set(node, Infinity);
    for (const [node, until] of this.#wantedUntil) {
      if (until === Infinity && !wanted.has(node)) this.#wantedUntil.set(node, agenda.now);
    }
  }

  #compare(before: BuildRow, after: BuildRow): void {
    const { id } = after;
    if (before.finished && after.finished) {
      const isSame = before.status === after.status && before.stopTime === after.stopTime;
      this.#watch.insist(isSame, () => `build ${id} was finished twice`);
    }
    if (before.finished || !after.finished) return;
    this.#world.happened(`build ended with status ${after.status}`);
    this.#world.tell('database', `build ${id} has ended with status ${after.status}`);
    const node = this.#world.graph.node(baseName(after.derivation));
    this.#watch.insist(
      after.status !== status.succeeded || this.#isThere(node),
      () => `build ${id} succeeded, but its outputs are not there`,
    );
    if (after.status === status.succeeded) this.#lookAtMakers(id, node);
    const foretold = foretell(this.#world.graph, node);
    this.#watch.insist(this.#isJust(node, after.status, foretold), () => {
      const { name } = node.derivation;
      return `build ${id} (${name}) ended with status ${after.status}; foretold: ${[...foretold].join(' or ')}`;
    });
  }

  /** All outputs come from one attempt; where their contents make their paths, it is all the same. */
  #lookAtMakers(id: number, node: Node): void {
    const makers = this.#world.store.makersOf(node);
    const latest = Math.max(...makers.map(({ attempt }) => attempt));
    const others = makers.filter(({ attempt }) => attempt < latest);
    if (others.length === 0 || node.plan.floats === true) return;
    const { orders } = this.#watch;
    const isLate = others.some(
      ({ attempt, at }) => at > orders.nextArrival(node.path, attempt) - dispatchMilliseconds,
    );
    if (isLate && this.#someBuilderIsHydras) {
      this.#world.happened("Hydra's builder hands over what belongs to an attempt that is over");
      return;
    }
    this.#watch.complain(`the outputs of build ${id} come from two attempts`);
  }

  /** Those do not say for which attempt they hand something over. */
  get #someBuilderIsHydras(): boolean {
    return this.#world.plan.builders.some(({ speaks }) => speaks !== 'our-dialect');
  }

  #isThere(node: Node): boolean {
    return this.#world.store.isBuilt(node) || this.#world.store.collected.has(node);
  }

  #isJust(node: Node, ended: number | null, foretold: ReadonlySet<number>): boolean {
    if (ended === null) return false;
    if (ended === status.cancelled || foretold.has(ended)) return true;
    const below = [...this.#world.graph.below(node)];
    if (ended === status.aborted) return below.some((next) => this.#watch.steps.isGivenUp(next));
    return ended === status.unsupported && below.some((next) => this.#maySeemUnsupported(next));
  }

  /** No builder that could build it was there all the time. */
  #maySeemUnsupported({ plan: { system, features } }: Node): boolean {
    const { builders, troubles } = this.#world.plan;
    const patience = settingsOf(this.#world.plan).map((settings) => settings.maxUnsupportedSeconds);
    return !builders.some(
      (builder) =>
        builder.vice === 'none' &&
        builder.joinsAt < 1_000 * Math.min(...patience) &&
        troubles.length === 0 &&
        (system === 'builtin' || builder.systems.includes(system)) &&
        features.every((feature) => builder.features.includes(feature)),
    );
  }
}
