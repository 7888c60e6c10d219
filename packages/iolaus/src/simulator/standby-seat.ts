import type { KeptFacts } from '../runner/store/derivations.ts';
import { standBy } from '../runner/standby/stand-by.ts';
import type { Standby } from '../runner/standby/stand-by.ts';
import { Life } from './life.ts';
import { tellingLogger } from './runner-doors.ts';
import type { Sabotage } from './sabotage/sabotage.ts';
import type { World } from './world.ts';

/** Where a runner sits that stands by: it reads what is queued, until the one that leads is gone. */
export class StandbySeat {
  readonly #world: World;
  readonly #sabotage: Sabotage;
  #sitting: { readonly life: Life; readonly standby: Standby } | undefined;
  #lives = 0;

  constructor(world: World, sabotage: Sabotage) {
    this.#world = world;
    this.#sabotage = sabotage;
  }

  get isTaken(): boolean {
    return this.#sitting !== undefined;
  }

  start(): void {
    if (this.#sitting !== undefined) return;
    const world = this.#world;
    this.#lives += 1;
    const life = new Life(world.agenda, world.random.branch(`standby ${this.#lives}`));
    const database = world.server.openDatabase(life);
    const standby = standBy({
      database: this.#sabotage.standby?.(database) ?? database,
      store: world.store.open(life, new Map()),
      clock: life.clock,
      logger: tellingLogger(world, life, 'standby'),
    });
    this.#sitting = { life, standby };
    world.tell('standby', 'starts');
  }

  /** What it has read, for the runner that it becomes; null where nobody stood by. */
  takeOver(): KeptFacts | null {
    const sitting = this.#sitting;
    if (sitting === undefined) return null;
    this.leave();
    this.#world.tell('standby', `takes over, with ${sitting.standby.kept.size} derivations read`);
    if (sitting.standby.kept.size > 0) this.#world.happened('a warm standby takes over');
    return sitting.standby.kept;
  }

  leave(): void {
    this.#sitting?.life.end();
    this.#sitting = undefined;
  }
}
