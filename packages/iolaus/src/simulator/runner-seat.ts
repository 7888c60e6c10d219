import { describeError } from '../fault/fault.ts';
import type { Logger } from '../logging/logger.ts';
import { assembleRunner } from '../runner/assemble.ts';
import type { Runner } from '../runner/assemble.ts';
import type { RunnerDoors } from '../runner/doors.ts';
import { countingFarm } from './counting-farm.ts';
import { Life } from './life.ts';
import type { Sabotage } from './sabotage/sabotage.ts';
import type { World } from './world.ts';

// Whoever watches over the runner starts it again so soon.
const startAgainMilliseconds = 1_000;

/** Where the runner sits: started, killed, restarted. */
export class RunnerSeat {
  readonly #world: World;
  readonly #sabotage: Sabotage;
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
  }

  /** Undefined while it starts or is away. */
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
    const doors: RunnerDoors = {
      clock: life.clock,
      makeUuid: life.makeUuid,
      database: world.server.openDatabase(life),
      store: world.store.open(life),
      logFiles: forgetful,
      logger: this.#logger(life),
      createFarm: countingFarm((what) => world.happened(what)),
      serve: world.gate.serve(life),
    };
    const scene = { random: world.random.branch(`sabotage ${this.#lives}`), life: this.#lives };
    void this.#begin(life, this.#sabotage.doors?.(doors, scene) ?? doors);
  }

  async #begin(life: Life, doors: RunnerDoors): Promise<void> {
    try {
      const runner = await assembleRunner(doors, this.#world.configuration);
      if (!life.isOver) this.#runner = runner;
    } catch (error) {
      if (life.isOver) return;
      this.#world.tell('runner', `could not start: ${describeError(error)}`);
      this.kill(startAgainMilliseconds);
    }
  }

  kill(backAfter: number): void {
    if (this.#life === undefined) return;
    this.#world.tell('runner', 'is killed');
    this.#noteChanges();
    this.#end(this.#life);
    this.#world.agenda.after(backAfter, () => this.start());
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

  /** As an operator does it: it may finish what it is doing. */
  restart(): void {
    const life = this.#life;
    const runner = this.#runner;
    if (life === undefined || runner === undefined) return;
    this.#world.tell('runner', 'is told to end');
    this.#noteChanges();
    void this.#finish(life, runner);
  }

  async #finish(life: Life, runner: Runner): Promise<void> {
    await runner[Symbol.asyncDispose]();
    if (life.isOver) return;
    this.#world.tell('runner', 'has ended');
    this.#end(life);
    this.#world.agenda.after(startAgainMilliseconds, () => this.start());
  }

  setClock(byMilliseconds: number): void {
    this.#skewMilliseconds = byMilliseconds;
    if (this.#life !== undefined) this.#life.skewMilliseconds = byMilliseconds;
  }

  /** At the end of a history. */
  leave(): void {
    this.#noteChanges();
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

  #logger(life: Life): Logger {
    const tell = (level: string) => (fields: object, message: string) => {
      if (life.isOver) return;
      this.#world.tell('runner', `${level}: ${message} ${JSON.stringify(fields)}`);
    };
    const quiet = (): void => {};
    return { debug: quiet, info: quiet, warn: tell('warning'), error: tell('error') };
  }
}

/** Nobody reads the logs of this world. */
const forgetful: RunnerDoors['logFiles'] = {
  bytes: async () => 0,
  write: async (_name, { data }) => {
    for await (const _ of data);
    return true;
  },
  finish: async () => {},
};
