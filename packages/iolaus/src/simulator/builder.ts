import { sleep } from '../clock/clock.ts';
import type { AttemptReport, Phase, ReportedFailure } from '../protocol/attempt-report.ts';
import type { BuildOrder } from '../protocol/build-order.ts';
import { parseMachineUuid } from '../protocol/identity.ts';
import type { AttemptUuid, MachineUuid } from '../protocol/identity.ts';
import type { Join } from '../protocol/join.ts';
import type { RunnerMessage } from '../protocol/tunnel-message.ts';
import { ourDialect } from '../protocol/version.ts';
import type { Node } from './graph.ts';
import { Life } from './life.ts';
import type { BuilderPlan, Fate, Vice } from './plan.ts';
import type { Random } from './random.ts';
import { narSize, pathInfo } from './store.ts';
import type { Wire } from './wire.ts';
import type { World } from './world.ts';

// As our own builder does it.
const pingMilliseconds = 10_000;
const redialMilliseconds = [500, 3_000] as const;
const answerMilliseconds = 15_000;
const reportsAgainMilliseconds = [500, 4_000] as const;
const reportTriesMax = 30;
// A half-open connection is found by keep-alive.
const keepAliveMilliseconds = 30_000;

type Work = { readonly order: BuildOrder; readonly node: Node; readonly stopping: AbortController };

/** A made-up builder: does what a builder does, until its vice gets the better of it. */
export class MadeUpBuilder {
  readonly plan: BuilderPlan;
  readonly #world: World;
  readonly #random: Random;
  readonly #work = new Map<AttemptUuid, Work>();
  readonly #answers = new Map<AttemptUuid, () => void>();
  #freeSlots: number;
  readonly #slotWaiters: (() => void)[] = [];
  #life: Life;
  #wire: Wire | undefined;
  #machine: MachineUuid;
  #isSilent = false;
  #isAway = false;

  constructor(plan: BuilderPlan, world: World) {
    this.plan = plan;
    this.#world = world;
    this.#random = world.random.branch(plan.hostname);
    this.#freeSlots = plan.slots;
    this.#life = new Life(world.agenda, this.#random);
    this.#machine = this.#newMachine();
  }

  start(): void {
    this.#world.agenda.after(this.plan.joinsAt, () => {
      void this.#connect();
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

  // The connection

  async #connect(): Promise<void> {
    const life = this.#life;
    while (!life.isOver) {
      if (this.#vice !== 'has-a-twin') this.#machine = this.#newMachine();
      const over = Promise.withResolvers<void>();
      try {
        const wire = await this.#world.gate.openTunnel(life, this.#join(), {
          hear: (message) => this.#hear(message),
          lost: () => over.resolve(),
        });
        this.#wire = wire;
        this.#tell('is connected');
        this.#ping(wire);
        await over.promise;
        this.#tell('has lost its connection');
        this.#dropWork();
      } catch {
        // The runner is away.
      }
      await sleep(life.clock, this.#random.between(...redialMilliseconds));
    }
  }

  #join(): Join {
    const { hostname, systems, features, slots, speaks, sharesStore } = this.plan;
    return {
      machine: this.#machine,
      hostname,
      systems,
      supportedFeatures: features,
      mandatoryFeatures: [],
      cpuCount: 4,
      bogomips: 5_000,
      speedFactor: 1,
      maxJobs: this.#vice === 'overstates' ? slots + 6 : slots,
      totalMemoryBytes: 2 ** 34,
      buildDirectoryThreshold: 10,
      storeThreshold: 10,
      load1Threshold: 8,
      cpuPressureThreshold: 75,
      memoryPressureThreshold: 80,
      ioPressureThreshold: null,
      cgroups: false,
      substituters: [],
      useSubstitutes: false,
      nixVersion: 'nix (Nix) 2.31',
      storeIdentity: sharesStore ? 'the store of the runner' : 'a store of its own',
      builder: null,
      held: [],
      dialect: speaks === 'our-dialect' ? ourDialect : 0,
    };
  }

  #ping(wire: Wire): void {
    if (this.#wire !== wire || !wire.isOpenForBuilder) return;
    const free = this.#vice === 'full-disk' && this.#random.chance(0.8) ? 3 : 60;
    if (!this.#isSilent) {
      wire.say({
        type: 'ping',
        ping: {
          machine: this.#machine,
          load1: 0,
          load5: 0,
          load15: 0,
          memoryUsedBytes: 2 ** 30,
          pressure: null,
          buildDirectoryFreePercent: free,
          storeFreePercent: free,
          pathsSubstituting: 0,
          pathsUploading: 0,
          pathsDownloading: 0,
        },
      });
    }
    this.#life.clock.after(pingMilliseconds, () => this.#ping(wire));
  }

  /** A builder that lost its runner stops what it was doing; some do not. */
  #dropWork(): void {
    if (this.#vice === 'returns-with-results') return;
    for (const { stopping } of this.#work.values()) stopping.abort();
  }

  // Its vice

  #growRestless(): void {
    const wait = this.#random.between(5_000, 60_000);
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
        this.#world.happened('vice: falls silent');
        this.#isSilent = true;
        this.#life.clock.after(this.#random.between(60_000, 240_000), () => {
          this.#isSilent = false;
          this.#wire?.cut(half);
        });
        return;
      case 'vanishes':
        if (!this.#isAway) this.#vanish();
        return;
      default:
    }
  }

  #vanish(): void {
    this.#world.happened('vice: vanishes');
    this.#tell('vanishes');
    this.#isAway = true;
    this.#life.end();
    this.#work.clear();
    this.#freeSlots = this.plan.slots;
    this.#slotWaiters.length = 0;
    this.#life = new Life(this.#world.agenda, this.#random);
    this.#world.agenda.after(this.#random.between(10_000, 300_000), () => {
      this.#isAway = false;
      void this.#connect();
    });
  }

  // Its work

  #hear(message: RunnerMessage): void {
    switch (message.type) {
      case 'build':
        this.#take(message.order);
        return;
      case 'abort': {
        const work = this.#work.get(message.attempt);
        if (work !== undefined) this.#tell(`is told to stop ${work.node.derivation.name}`);
        work?.stopping.abort();
        return;
      }
      case 'completed':
        this.#answers.get(message.attempt)?.();
        return;
      case 'configuration':
      case 'ping':
    }
  }

  #take(order: BuildOrder): void {
    const node = this.#world.graph.node(order.derivationPath);
    const work: Work = { order, node, stopping: new AbortController() };
    this.#tell(`is to build ${node.derivation.name} (attempt ${order.fence})`);
    this.#work.set(order.attempt, work);
    this.#world.watch.orders.arrived(this.plan, node, order, this.#work.size);
    void this.#carryOut(this.#life, work).finally(() => this.#work.delete(order.attempt));
  }

  async #carryOut(life: Life, work: Work): Promise<void> {
    const { signal } = work.stopping;
    await this.#takeSlot();
    try {
      if (signal.aborted) return;
      const result = await this.#build(life, work);
      if (signal.aborted) return;
      if (this.#isSilent) return;
      await this.#report(life, work, result);
    } finally {
      if (this.#life === life) this.#freeSlot();
    }
  }

  #takeSlot(): Promise<void> {
    if (this.#freeSlots > 0) {
      this.#freeSlots -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#slotWaiters.push(resolve);
    });
  }

  #freeSlot(): void {
    const next = this.#slotWaiters.shift();
    if (next === undefined) this.#freeSlots += 1;
    else next();
  }

  async #build(life: Life, { order, node, stopping }: Work): Promise<AttemptReport['result']> {
    const { signal } = stopping;
    const rest = (milliseconds: number): Promise<void> => sleep(life.clock, milliseconds, signal);
    this.#phase(order, 'sending-inputs');
    await rest(this.#random.between(1, 20));
    const stumble = this.#stumble(node);
    if (stumble !== undefined) return failed(stumble);
    this.#phase(order, 'building');
    await rest(node.plan.milliseconds * this.plan.slowness);
    if (signal.aborted) return failed('build-failed');
    await this.#sendLog(life, order);
    const verdict = verdicts[node.plan.fate];
    if (verdict !== null) return failed(verdict);
    if (this.#vice === 'lies' && this.#random.chance(0.6)) {
      this.#world.happened('vice: lies');
      return succeeded(node);
    }
    this.#phase(order, 'receiving-outputs');
    return (await this.#handOver(life, node)) ? succeeded(node) : failed('upload-failed');
  }

  /** What it fails of its own. */
  #stumble(node: Node): ReportedFailure | undefined {
    const isMissing = node.inputs.some((input) => !this.#world.store.isBuilt(input));
    if (isMissing) return 'import-failed';
    if (this.#vice === 'stumbles' && this.#random.chance(0.6)) {
      this.#world.happened('vice: stumbles');
      return this.#random.pick(['preparing-failed', 'import-failed', 'post-processing-failed']);
    }
    if (this.#vice === 'full-disk' && this.#random.chance(0.5)) return 'preparing-failed';
    return undefined;
  }

  #phase(order: BuildOrder, phase: Phase): void {
    if (this.#isSilent) return;
    const update = { attempt: order.attempt, machine: this.#machine, phase };
    if (this.plan.speaks === 'our-dialect') {
      this.#wire?.say({ type: 'step-update', update });
      return;
    }
    this.#world.gate
      .call(this.#life, async (handlers) => handlers.updateStep(update, caller))
      .catch(() => {});
  }

  async #sendLog(life: Life, order: BuildOrder): Promise<void> {
    const log = {
      derivation: order.derivationPath,
      attempt: order.attempt,
      offset: 0,
      data: oneLine(),
    };
    try {
      await this.#world.gate.call(life, (handlers) => handlers.receiveLog(log, caller));
    } catch {
      // A log is not worth a build.
    }
  }

  async #handOver(life: Life, node: Node): Promise<boolean> {
    if (this.plan.sharesStore) {
      for (const path of node.outputs.values()) this.#world.store.valid.add(path);
      return true;
    }
    const infos = [...node.outputs.values()].map(pathInfo);
    const paths = {
      infos,
      importEach: async (
        take: (info: (typeof infos)[number], nar: AsyncIterable<Uint8Array>) => Promise<void>,
      ) => {
        for (const info of infos) await take(info, oneLine());
      },
    };
    for (let tries = 0; tries < 3; tries += 1) {
      try {
        await this.#world.gate.call(life, (handlers) => handlers.receivePaths(paths, caller));
        return true;
      } catch {
        await sleep(life.clock, this.#random.between(...reportsAgainMilliseconds));
      }
    }
    return false;
  }

  async #report(
    life: Life,
    { order, node, stopping }: Work,
    result: AttemptReport['result'],
  ): Promise<void> {
    const report: AttemptReport = {
      attempt: order.attempt,
      machine: this.#machine,
      result,
      importMilliseconds: 5,
      buildMilliseconds: Math.round(node.plan.milliseconds * this.plan.slowness),
      uploadMilliseconds: 5,
      cached: false,
      startedAt: null,
      stoppedAt: null,
      cpuUserMicroseconds: null,
      cpuSystemMicroseconds: null,
    };
    this.#world.watch.orders.reported(order.attempt);
    const word = result.type === 'succeeded' ? 'has built' : `could not build (${result.failure})`;
    this.#tell(`${word} ${node.derivation.name} (attempt ${order.fence})`);
    if (this.#vice === 'repeats-itself') this.#repeatLater(life, report);
    for (let tries = 0; tries < reportTriesMax && !stopping.signal.aborted; tries += 1) {
      if (await this.#deliver(life, report)) return;
      await sleep(life.clock, this.#random.between(...reportsAgainMilliseconds), stopping.signal);
    }
  }

  async #deliver(life: Life, report: AttemptReport): Promise<boolean> {
    const wire = this.#wire;
    if (this.plan.speaks === 'our-dialect' && wire?.isOpenForBuilder === true) {
      return this.#deliverByTunnel(life, wire, report);
    }
    try {
      await this.#world.gate.call(life, (handlers) => handlers.completeBuild(report, caller));
      return true;
    } catch {
      return false;
    }
  }

  #deliverByTunnel(life: Life, wire: Wire, report: AttemptReport): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isAnswered: boolean) => () => {
        callOff();
        this.#answers.delete(report.attempt);
        resolve(isAnswered);
      };
      const callOff = life.clock.after(answerMilliseconds, settle(false));
      this.#answers.set(report.attempt, settle(true));
      wire.say({ type: 'complete', report });
    });
  }

  #repeatLater(life: Life, report: AttemptReport): void {
    life.clock.after(this.#random.between(10, 60_000), () => {
      this.#world.happened('vice: repeats itself');
      void this.#world.gate
        .call(life, (handlers) => handlers.completeBuild(report, caller))
        .catch(() => {});
    });
  }
}

const caller = { address: 'made-up' };

const verdicts: Readonly<Record<Fate, ReportedFailure | null>> = {
  succeeds: null,
  fails: 'build-failed',
  'times-out': 'timed-out',
  'exceeds-log-limit': 'log-limit-exceeded',
};

const failed = (failure: ReportedFailure): AttemptReport['result'] => ({
  type: 'failed',
  failure,
  message: null,
});

function succeeded(node: Node): AttemptReport['result'] {
  const outputs = [...node.outputs].map(
    ([name, path]) =>
      [name, { path, closureSize: narSize, narSize, narHash: null, nixSupport: null }] as const,
  );
  return { type: 'succeeded', outputs: new Map(outputs) };
}

async function* oneLine(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array([104, 105, 10]);
}
