import { describeError } from '../fault/fault.ts';
import { assembleRunner } from '../runner/assembly/assemble.ts';
import type { Runner } from '../runner/assembly/assemble.ts';
import type { RunnerConfiguration } from '../runner/settings/configuration.ts';
import type { RunnerDoors } from '../runner/doors.ts';
import { beginTerm } from './database/lead-statements.ts';
import { Life } from './life.ts';
import { madeUpDoors } from './runner-doors.ts';
import type { Sabotage } from './sabotage/sabotage.ts';
import { StandbySeat } from './standby-seat.ts';
import type { World } from './world.ts';

// Whoever watches over the runner starts it again so soon.
const startAgainMilliseconds = 1_000;
// Who waits for the lead asks so often.
const pollMilliseconds = 500;

/** Where the runner sits: started, killed, restarted. */
export class RunnerSeat {
  readonly #world: World;
  readonly #sabotage: Sabotage;
  readonly #standby: StandbySeat;
  #life: Life | undefined;
  #runner: Runner | undefined;
  #lives = 0;
  #effects = 0;
  #startedAt = 0;
  #skewMilliseconds = 0;
  /** Called before each effect of the runner on the world. */
  onEffect: () => void = () => {};

  constructor(world: World, sabotage: Sabotage) {
    this.#world = world;
    this.#sabotage = sabotage;
    this.#standby = new StandbySeat(world, sabotage);
  }

  /** Undefined while it starts, ends or is away. */
  get runner(): Runner | undefined {
    return this.#runner;
  }

  /** When the latest life began. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** How often the runner has touched the world. */
  get effects(): number {
    return this.#effects;
  }

  start(): void {
    if (this.#life !== undefined) return;
    const term = this.#takeLead();
    if (term === undefined) {
      this.#startAgainAfter(pollMilliseconds);
      return;
    }
    const world = this.#world;
    this.#lives += 1;
    this.#startedAt = world.agenda.now;
    const life = new Life(world.agenda, world.random.branch(`runner ${this.#lives}`));
    life.skewMilliseconds = this.#skewMilliseconds;
    life.onEffect = () => {
      this.#effects += 1;
      this.onEffect();
    };
    this.#life = life;
    world.tell('runner', 'starts');
    const publish = world.caches.open(life);
    const kept = this.#standby.takeOver();
    const doors = madeUpDoors(world, life, {
      term,
      kept: kept ?? new Map(),
      publish: this.#sabotage.publish?.(publish) ?? publish,
    });
    const scene = {
      random: world.random.branch(`sabotage ${this.#lives}`),
      life: this.#lives,
      readBefore: kept === null ? null : new Set(kept.keys()),
    };
    void this.#begin(life, this.#sabotage.doors?.(doors, scene) ?? doors);
  }

  /** Undefined while the database is away, or while a former runner is in the middle of a transaction. */
  #takeLead(): number | undefined {
    try {
      return this.#world.server.atConsole(beginTerm);
    } catch {
      return undefined;
    }
  }

  /** From now on a second one waits for the lead. */
  standBy(): void {
    this.#standby.start();
  }

  /** Or as soon as one that stands by hears of it. */
  #startAgainAfter(milliseconds: number): void {
    const wait = this.#standby.isTaken ? Math.min(milliseconds, pollMilliseconds) : milliseconds;
    this.#world.agenda.after(wait, () => this.start());
  }

  async #begin(life: Life, doors: RunnerDoors): Promise<void> {
    try {
      const runner = await assembleRunner(doors, this.#world.configuration);
      if (this.#life === life) this.#runner = runner;
    } catch (error) {
      if (this.#life !== life) return;
      this.#world.tell('runner', `could not start: ${describeError(error)}`);
      this.kill(startAgainMilliseconds);
    }
  }

  kill(backAfter: number): void {
    if (this.#life === undefined) return;
    this.#world.tell('runner', 'is killed');
    this.#noteChanges();
    this.#end(this.#life);
    this.#startAgainAfter(backAfter);
  }

  /** Before so many more effects on the world. */
  killSoon(effects: number, backAfter: number): void {
    let left = effects;
    this.onEffect = () => {
      left -= 1;
      if (left > 0) return;
      this.onEffect = () => {};
      if (this.#world.isCalm) return;
      this.kill(backAfter);
    };
  }

  /** Another one takes the lead, of which this one hears later. */
  usurp(noticedAfter: number): void {
    const former = this.#life;
    if (former === undefined) return;
    this.#world.tell('runner', 'has a rival');
    this.#noteChanges();
    this.#life = undefined;
    this.#runner = undefined;
    this.start();
    this.#world.agenda.after(noticedAfter, () => {
      if (!former.isOver) this.#world.tell('runner', 'hears that its rival leads, and ends');
      former.end();
    });
  }

  /** As an operator does it: it may finish what it is doing. */
  restart(): void {
    const life = this.#life;
    const runner = this.#runner;
    if (life === undefined || runner === undefined) return;
    this.#world.tell('runner', 'is told to end');
    this.#noteChanges();
    // It gives out nothing more, and what has rested waits for the next one.
    this.#runner = undefined;
    void this.#finish(life, runner);
  }

  async #finish(life: Life, runner: Runner): Promise<void> {
    await runner[Symbol.asyncDispose]();
    if (life.isOver) return;
    this.#world.tell('runner', 'has ended');
    if (this.#life !== life) return;
    this.#end(life);
    this.#startAgainAfter(startAgainMilliseconds);
  }

  /** As an operator does it who has changed the configuration. */
  reconfigure(configuration: RunnerConfiguration): void {
    this.#runner?.reconfigure(configuration).catch(() => {});
  }

  setClock(byMilliseconds: number): void {
    this.#skewMilliseconds = byMilliseconds;
    if (this.#life !== undefined) this.#life.skewMilliseconds = byMilliseconds;
  }

  /** At the end of a history. */
  leave(): void {
    this.#noteChanges();
    this.#standby.leave();
    this.#life?.end();
  }

  #end(life: Life): void {
    life.end();
    this.#life = undefined;
    this.#runner = undefined;
  }

  #noteChanges(): void {
    for (const [change, times] of this.#runner?.view.changes() ?? []) {
      this.#world.tale.count(`step: ${change}`, times);
    }
  }
}
