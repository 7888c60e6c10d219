import type { Clock } from '../clock/clock.ts';
import { sleep } from '../clock/clock.ts';
import { systemClock } from '../clock/system-clock.ts';
import { describeError } from '../fault/fault.ts';
import type { Logger } from '../logging/logger.ts';
import type { RunnerDoor } from './ask-runner.ts';
import { carryOut } from './carry-out.ts';
import type { Hands } from './carry-out.ts';
import type { ProvisionerConfiguration } from './configuration.ts';
import type { Driver } from './drivers/driver.ts';
import { addDecisions } from './decisions.ts';
import type { Decision } from './decisions.ts';
import { Candidacy, stale } from './lead.ts';
import type { Turn } from './lead.ts';
import type { Memory } from './plan/memory.ts';
import type { Demand, Machine, Observation, Outcome } from './plan/observation.ts';
import { plan } from './plan/plan.ts';
import type { Plan } from './plan/plan.ts';
import { Prices } from './prices.ts';
import { describeStatus } from './status.ts';

export type ProvisionerOptions = {
  readonly configuration: ProvisionerConfiguration;
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly runner: RunnerDoor;
  /** Its own name among provisioners of one owner. */
  readonly holder: string;
  /** By default the system's. */
  readonly clock?: Clock;
  readonly logger: Logger;
  readonly joinDocument: Hands['joinDocument'];
  readonly memory: Memory;
  /** Has it on the disk when it returns. */
  readonly remember: (memory: Memory) => void;
};

// Longer than any driver's own patience for a list should be: who hangs counts as one that cannot be listed.
const listMilliseconds = 60_000;

/**
 * The loop: looks at everything, decides, remembers, acts. Nothing that it knows is needed to go on: machines are found
 * by their marks. What takes long goes on beside the loop, and is not begun a second time meanwhile.
 */
export class Provisioner {
  #options: ProvisionerOptions;
  #memory: Memory;
  #latest: Plan | null = null;
  #decisions: readonly Decision[] = [];
  #outcomes: Outcome[] = [];
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #prices: Prices;
  readonly #clock: Clock;
  readonly #candidacy: Candidacy;

  constructor(options: ProvisionerOptions) {
    this.#options = options;
    this.#memory = options.memory;
    this.#clock = options.clock ?? systemClock;
    this.#prices = new Prices(this.#clock, options.logger);
    this.#candidacy = new Candidacy(options.holder, options.logger);
  }

  /** Null until it has looked once. */
  get latest(): Plan | null {
    return this.#latest;
  }

  /** What was begun last, newest first. */
  get decisions(): readonly Decision[] {
    return this.#decisions;
  }

  get turn(): Turn {
    return this.#candidacy.turn;
  }

  get configuration(): ProvisionerConfiguration {
    return this.#options.configuration;
  }

  /** Counts from the next look on. */
  reconfigure(
    changed: Pick<ProvisionerOptions, 'configuration' | 'drivers' | 'runner' | 'joinDocument'>,
  ): void {
    this.#options = { ...this.#options, ...changed };
  }

  /** Looks and acts until the signal is aborted; resolves when nothing is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.tick();
      await sleep(this.#clock, this.#options.configuration.tick, signal);
    }
    await this.settle();
  }

  /** What would be done now; nothing is. */
  async foresee(): Promise<Plan> {
    const { drivers } = this.#options;
    const configuration = await this.#prices.fill(this.#options.configuration, drivers);
    return plan(await this.#observe(), configuration, this.#memory);
  }

  /** Does nothing where another one leads. */
  async tick(): Promise<void> {
    const turn = await this.#candidacy.ask(this.#options.runner, this.#options.configuration);
    if (turn.type === 'stands-by') {
      this.#latest = null;
      return;
    }
    if (turn.isNew) this.#memory = stale(this.#memory);
    await this.#act();
  }

  async #act(): Promise<void> {
    const { drivers, remember } = this.#options;
    const configuration = await this.#prices.fill(this.#options.configuration, drivers);
    const made = plan(await this.#observe(), configuration, this.#memory);
    // First remembered, then done: after a crash the wish is made again, under the same name.
    remember(made.memory);
    this.#outcomes = [];
    this.#memory = made.memory;
    this.#decisions = addDecisions(this.#decisions, made.wishes, made.memory.now);
    this.#tell(made);
    void this.#tellRunner();
    for (const wish of made.wishes) this.#begin(wish, configuration);
  }

  /** Resolves when nothing is under way. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values());
  }

  #begin(wish: Plan['wishes'][number], configuration: ProvisionerConfiguration): void {
    const { drivers, runner, logger, joinDocument } = this.#options;
    const key = `${wish.type} ${wish.name}`;
    if (this.#underWay.has(key)) return;
    const act = async (): Promise<void> => {
      const hands = { drivers, runner, logger, joinDocument };
      const outcome = await carryOut(wish, configuration, hands);
      if (outcome !== null) this.#outcomes.push(outcome);
      this.#underWay.delete(key);
    };
    // After this tick, so that what ends at once is not taken for under way.
    const done = Promise.resolve().then(act);
    this.#underWay.set(key, done);
  }

  async #observe(): Promise<Observation> {
    const { drivers } = this.#options;
    const [demand, ...lists] = await Promise.all([
      this.#askRunner(),
      ...[...drivers].map(
        async ([name, driver]) => [name, await this.#list(name, driver)] as const,
      ),
    ]);
    const machines = Object.fromEntries(lists);
    return { now: this.#clock.now(), demand, machines, outcomes: this.#outcomes };
  }

  async #askRunner(): Promise<Demand | null> {
    try {
      return await this.#options.runner.demand();
    } catch (error) {
      this.#options.logger.warn({ error: describeError(error) }, 'the runner was not heard');
      return null;
    }
  }

  async #list(name: string, driver: Driver): Promise<readonly Machine[] | null> {
    const { logger } = this.#options;
    const giveUp = new AbortController();
    const late = sleep(this.#clock, listMilliseconds, giveUp.signal).then(() => null);
    try {
      const listed = await Promise.race([driver.list(), late]);
      if (listed === null) logger.warn({ driver: name }, 'the driver does not answer');
      return listed;
    } catch (error) {
      logger.warn({ driver: name, error: describeError(error) }, 'the driver was not heard');
      return null;
    } finally {
      giveUp.abort();
    }
  }

  /** Nothing depends on it. */
  async #tellRunner(): Promise<void> {
    try {
      await this.#options.runner.tell(describeStatus(this));
    } catch (error) {
      this.#options.logger.debug({ error: describeError(error) }, 'the runner was not told');
    }
  }

  /** A sentence is told when it is another one than before. */
  #tell(made: Plan): void {
    const before = new Set(this.#latest?.pools.map(({ sentence }) => sentence));
    for (const { pool, sentence } of made.pools) {
      if (!before.has(sentence)) this.#options.logger.info({ pool }, sentence);
    }
    const known = new Set(this.#latest?.remarks);
    for (const remark of made.remarks)
      if (!known.has(remark)) this.#options.logger.warn({}, remark);
    this.#latest = made;
  }
}
