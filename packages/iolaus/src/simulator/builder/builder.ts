import { sleep } from '../../clock/clock.ts';
import { parseBuilderUuid, parseMachineUuid } from '../../protocol/identity.ts';
import type { BuilderUuid, MachineUuid } from '../../protocol/identity.ts';
import type { RunnerMessage } from '../../protocol/tunnel-message.ts';
import { Life } from '../life.ts';
import type { BuilderPlan, Vice } from '../plan.ts';
import type { Random } from '../random.ts';
import type { Wire } from '../wire.ts';
import type { World } from '../world.ts';
import { describeJoin, describePing } from './describe.ts';
import { Workshop } from './workshop.ts';

// As our own builder does it.
const pingMilliseconds = 10_000;
const redialMilliseconds = [500, 3_000] as const;
// A half-open connection is found by keep-alive.
const keepAliveMilliseconds = 30_000;

/** A made-up builder: does what a builder does, until its vice gets the better of it. */
export class MadeUpBuilder {
  readonly plan: BuilderPlan;
  readonly #world: World;
  readonly #random: Random;
  #life: Life;
  #workshop: Workshop;
  #wire: Wire | undefined;
  #machine: MachineUuid;
  readonly #name: BuilderUuid | null;
  #isSilent = false;
  #isAway = false;

  constructor(plan: BuilderPlan, world: World) {
    this.plan = plan;
    this.#world = world;
    this.#random = world.random.branch(plan.hostname);
    this.#life = new Life(world.agenda, this.#random);
    this.#workshop = this.#openWorkshop();
    this.#machine = this.#newMachine();
    this.#name = plan.remembers ? parseBuilderUuid(this.#life.makeUuid()) : null;
  }

  start(): void {
    this.#world.agenda.after(this.plan.joinsAt, () => {
      void this.#stayConnected(this.#life);
      this.#growRestless();
    });
  }

  /** From now on it behaves. */
  calmDown(): void {
    if (this.plan.vice === 'none') return;
    this.#isSilent = false;
    this.#wire?.cut({ builder: 0, runner: 0 });
  }

  get #vice(): Vice {
    return this.#world.isCalm ? 'none' : this.plan.vice;
  }

  #tell(what: string): void {
    this.#world.tell(this.plan.hostname, what);
  }

  #newMachine(): MachineUuid {
    const uuid = parseMachineUuid(this.#life.makeUuid());
    if (uuid === null) throw new Error('a made-up UUID is none');
    return uuid;
  }

  #openWorkshop(): Workshop {
    return new Workshop({
      plan: this.plan,
      world: this.#world,
      random: this.#random,
      life: this.#life,
      machine: () => this.#machine,
      vice: () => this.#vice,
      isSilent: () => this.#isSilent,
      wire: () => this.#wire,
      tell: (what) => this.#tell(what),
    });
  }

  // The connection

  async #stayConnected(life: Life): Promise<void> {
    while (!life.isOver) {
      if (this.#vice !== 'has-a-twin') this.#machine = this.#newMachine();
      try {
        await this.#connect(life);
        this.#tell('has lost its connection');
        this.#loseRunner();
      } catch {
        // The runner is away.
      }
      await sleep(life.clock, this.#random.between(...redialMilliseconds));
    }
  }

  /** Resolves when the connection is lost; rejects where there was none. */
  async #connect(life: Life): Promise<void> {
    const over = Promise.withResolvers<void>();
    const held = this.plan.remembers ? this.#workshop.held() : [];
    const join = describeJoin(this.plan, {
      machine: this.#machine,
      builder: this.#name,
      held,
      overstates: this.#vice === 'overstates',
    });
    const { wire, answer } = await this.#world.gate.openTunnel(life, join, {
      hear: (message) => this.#hear(message),
      lost: () => over.resolve(),
    });
    this.#wire = wire;
    const kept = new Set(answer.takenBack.map(({ attempt }) => attempt));
    this.#tell(
      held.length === 0 ? 'is connected' : `is back with ${kept.size} of ${held.length} steps`,
    );
    this.#workshop.keepOnly(held, kept);
    this.#ping(wire);
    await over.promise;
  }

  #ping(wire: Wire): void {
    if (this.#wire !== wire || !wire.isOpenForBuilder) return;
    const isFull = this.#vice === 'full-disk' && this.#random.chance(0.8);
    if (!this.#isSilent) {
      wire.say({ type: 'ping', ping: describePing(this.#machine, isFull ? 3 : 60) });
    }
    this.#life.clock.after(pingMilliseconds, () => this.#ping(wire));
  }

  /** Who cannot come back to what it was doing stops it. */
  #loseRunner(): void {
    if (this.#vice !== 'returns-with-results' && !this.plan.remembers) this.#workshop.stopAll();
  }

  #hear(message: RunnerMessage): void {
    switch (message.type) {
      case 'build':
        this.#workshop.take(message.order);
        return;
      case 'abort':
        this.#workshop.stop(message.attempt);
        return;
      case 'completed':
        this.#workshop.answered(message.attempt);
        return;
      case 'configuration':
      case 'ping':
    }
  }

  // Its vice

  #growRestless(): void {
    const wait = this.#random.between(2_000, 60_000);
    this.#world.agenda.after(wait, () => {
      if (this.#world.isCalm) return;
      this.#misbehave();
      this.#growRestless();
    });
  }

  #misbehave(): void {
    const half = { builder: 0, runner: this.#random.between(0, keepAliveMilliseconds) };
    switch (this.#vice) {
      case 'flaps':
        this.#world.happened('vice: flaps');
        this.#wire?.cut({ builder: 0, runner: this.#random.between(0, 50) });
        return;
      case 'returns-with-results':
        this.#world.happened('vice: goes away and works on');
        this.#wire?.cut(half);
        return;
      case 'has-a-twin':
        this.#world.happened('vice: second connection of one machine id');
        this.#wire?.cut({ builder: 0, runner: keepAliveMilliseconds });
        return;
      case 'falls-silent':
        this.#fallSilent();
        return;
      case 'vanishes':
        if (!this.#isAway) this.#vanish();
        return;
      default:
    }
  }

  #fallSilent(): void {
    this.#world.happened('vice: falls silent');
    this.#isSilent = true;
    this.#life.clock.after(this.#random.between(60_000, 240_000), () => {
      this.#isSilent = false;
      this.#wire?.cut({ builder: 0, runner: this.#random.between(0, keepAliveMilliseconds) });
    });
  }

  #vanish(): void {
    this.#world.happened('vice: vanishes');
    this.#tell('vanishes');
    this.#isAway = true;
    this.#life.end();
    this.#life = new Life(this.#world.agenda, this.#random);
    this.#workshop = this.#openWorkshop();
    this.#world.agenda.after(this.#random.between(10_000, 300_000), () => {
      this.#isAway = false;
      void this.#stayConnected(this.#life);
    });
  }
}
