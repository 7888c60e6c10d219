import { epochMilliseconds } from '../life.ts';
import type { World } from '../world.ts';
import { status } from '../foretell.ts';
import { baseName } from './base-name.ts';
import { BuildWatch } from './build-watch.ts';
import { FoundWatch } from './found-watch.ts';
import { OrderWatch } from './order-watch.ts';
import { ShareWatch } from './share-watch.ts';
import { StepWatch } from './step-watch.ts';

// A timer of a runner that is busy may be late; one that nobody set is late for ever.
const lateMillisecondsMax = 2_000;

/** Looks at everything that happens, and holds it against what was promised. */
export class Watch {
  readonly #world: World;
  readonly #breaches: string[] = [];
  #hasFarmChanged = false;
  readonly steps: StepWatch;
  readonly builds: BuildWatch;
  readonly orders: OrderWatch;
  readonly #found: FoundWatch;
  readonly #shares: ShareWatch;

  constructor(world: World) {
    this.#world = world;
    this.steps = new StepWatch(world, this);
    this.builds = new BuildWatch(world, this);
    this.orders = new OrderWatch(world, this);
    this.#found = new FoundWatch(world, this);
    this.#shares = new ShareWatch(world, this);
    const { tables } = world.server;
    tables.builds.onChange = (before, after) => {
      this.builds.changed(before, after);
      this.#found.buildChanged(before, after);
    };
    tables.steps.onChange = (before, after) => {
      this.steps.changed(before, after);
      this.#found.stepChanged(before, after);
    };
    world.server.onCommitted = () => {
      this.steps.committed();
      this.#found.committed();
    };
  }

  /** The promises that were not kept. */
  get breaches(): readonly string[] {
    return this.#breaches;
  }

  complain(breach: string): void {
    this.#world.tell('BREACH', breach);
    this.#breaches.push(breach);
  }

  insist(holds: boolean, breach: () => string): void {
    if (!holds) this.complain(breach());
  }

  /** It has taken in an event. */
  farmChanged(): void {
    this.#hasFarmChanged = true;
  }

  /** After whatever happened. */
  lookAround(): void {
    if (this.#hasFarmChanged) this.#lookAtFarm();
    this.#hasFarmChanged = false;
    this.orders.lookForLate();
    this.#lookForOverdue();
  }

  #lookAtFarm(): void {
    for (const breach of this.#world.seat.runner?.checkPromises() ?? []) {
      this.complain(`the farm: ${breach}`);
    }
  }

  /** A step that has rested goes on at once. Where the clock was set it may be late. */
  #lookForOverdue(): void {
    const { seat, plan, graph } = this.#world;
    const view = seat.runner?.view;
    if (view === undefined || view.counts().backingOff === 0) return;
    if (plan.troubles.some(({ type }) => type === 'clock-set')) return;
    for (const { path } of graph.nodes) {
      const state = view.step(path)?.state;
      if (state?.type !== 'backing-off') continue;
      const late = epochMilliseconds + this.#world.agenda.now - state.until;
      this.insist(
        late < lateMillisecondsMax,
        () => `${path} rests ${Math.round(late)} ms longer than it should`,
      );
    }
  }

  /** What has succeeded is in each cache, unless it was given up and says so. */
  #lookForUnpublished(): void {
    const { plan, server, caches, graph } = this.#world;
    const isGivenUp = server.tables.uploads.committed().some((upload) => upload.isGivenUp);
    for (const { id, status: ended, derivation } of server.tables.builds.committed()) {
      if (ended !== status.succeeded || isGivenUp) continue;
      const outputs = [...graph.node(baseName(derivation)).outputs.values()];
      for (const cache of plan.caches) {
        const missing = outputs.find((path) => !caches.has(cache, path));
        this.insist(
          missing === undefined,
          () => `${missing} of build ${id} never came to ${cache}`,
        );
      }
    }
  }

  get isAllOver(): boolean {
    const { builds, uploads } = this.#world.server.tables;
    return (
      [...builds.committed()].every(({ finished }) => finished) &&
      [...uploads.committed()].every(({ isGivenUp }) => isGivenUp)
    );
  }

  /** Long after all was well. */
  lookBack(): void {
    this.builds.lookBack();
    this.steps.lookBack();
    this.#lookForUnpublished();
    this.#shares.lookBack();
    const { runner } = this.#world.seat;
    this.insist(runner !== undefined, () => 'the runner is not there');
    if (runner === undefined) return;
    const { running, waitingSteps, unfinishedBuilds } = runner.progress();
    this.insist(running.length === 0, () => `${running.length} attempts are left over`);
    const past = [...this.#world.server.tables.emergencies.committed()].filter(
      ({ subject }) => subject === 'build',
    );
    this.insist(past.length === 0, () => `${past.length} emergencies are left over`);
    this.insist(waitingSteps === 0, () => `${waitingSteps} steps are left over`);
    this.insist(unfinishedBuilds === 0, () => `${unfinishedBuilds} builds are left over`);
  }
}
