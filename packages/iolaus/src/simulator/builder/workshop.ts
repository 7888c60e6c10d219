import { sleep } from '../../clock/clock.ts';
import type { AttemptReport, Phase, ReportedFailure } from '../../protocol/attempt-report.ts';
import type { BuildOrder } from '../../protocol/build-order.ts';
import type { AttemptUuid, MachineUuid } from '../../protocol/identity.ts';
import type { HeldAttempt } from '../../protocol/join.ts';
import type { IncomingPaths } from '../../protocol/store-transfer.ts';
import type { Node } from '../graph.ts';
import type { Life } from '../life.ts';
import type { BuilderPlan, Vice } from '../plan.ts';
import type { Random } from '../random.ts';
import { pathInfo } from '../store.ts';
import type { Wire } from '../wire.ts';
import type { World } from '../world.ts';
import { Slots } from './slots.ts';
import { failed, succeeded, verdicts } from './verdict.ts';
import type { Result } from './verdict.ts';

const answerMilliseconds = 15_000;
const againMilliseconds = [500, 4_000] as const;
const reportTriesMax = 60;
const uploadTriesMax = 3;
const caller = { address: 'made-up' };

type Work = {
  readonly order: BuildOrder;
  readonly node: Node;
  readonly stopping: AbortController;
  /** The connection that it came by, or by which the runner let the builder keep it. */
  wire: Wire | undefined;
};

/** What a workshop needs of its builder. */
export type Builder = {
  readonly plan: BuilderPlan;
  readonly world: World;
  readonly random: Random;
  readonly life: Life;
  readonly machine: () => MachineUuid;
  readonly vice: () => Vice;
  /** Says nothing, and does nothing that could be seen. */
  readonly isSilent: () => boolean;
  /** Undefined while there is none. */
  readonly wire: () => Wire | undefined;
  readonly tell: (what: string) => void;
};

/** Where a builder builds what it was sent. Ends with the life of its builder. */
export class Workshop {
  readonly #builder: Builder;
  readonly #work = new Map<AttemptUuid, Work>();
  readonly #answers = new Map<AttemptUuid, () => void>();
  readonly #slots: Slots;

  constructor(builder: Builder) {
    this.#builder = builder;
    this.#slots = new Slots(builder.plan.slots);
  }

  /** What it has under way, or could not report yet. */
  held(): HeldAttempt[] {
    return [...this.#work.values()].map(({ order }) => ({
      attempt: order.attempt,
      fence: order.fence,
    }));
  }

  /** Of what was held, only these are its own still. */
  keepOnly(held: readonly HeldAttempt[], kept: ReadonlySet<AttemptUuid>): void {
    for (const { attempt } of held) {
      const work = this.#work.get(attempt);
      if (!kept.has(attempt)) this.stop(attempt);
      else if (work !== undefined) work.wire = this.#builder.wire();
    }
  }

  stop(attempt: AttemptUuid): void {
    const work = this.#work.get(attempt);
    if (work === undefined) return;
    this.#builder.tell(`stops building ${work.node.derivation.name}`);
    work.stopping.abort();
    this.#work.delete(attempt);
  }

  stopAll(): void {
    for (const attempt of this.#work.keys()) this.stop(attempt);
  }

  /** The runner has the report. */
  answered(attempt: AttemptUuid): void {
    this.#answers.get(attempt)?.();
  }

  take(order: BuildOrder): void {
    const { world, plan, tell } = this.#builder;
    const node = world.graph.node(order.derivationPath);
    const wire = this.#builder.wire();
    const work: Work = { order, node, stopping: new AbortController(), wire };
    tell(`is to build ${node.derivation.name} (attempt ${order.fence})`);
    const held = this.#work.values().filter((other) => other.wire === wire);
    world.watch.orders.arrived(plan, node, order, [...held].length);
    this.#work.set(order.attempt, work);
    void this.#carryOut(work);
  }

  async #carryOut(work: Work): Promise<void> {
    const { signal } = work.stopping;
    await this.#slots.take();
    try {
      const result = signal.aborted ? null : await this.#build(work);
      if (result !== null && !signal.aborted && !this.#builder.isSilent()) {
        await this.#report(work, result);
      }
    } finally {
      this.#slots.release();
      if (this.#work.get(work.order.attempt) === work) this.#work.delete(work.order.attempt);
    }
  }

  async #build({ order, node, stopping: { signal } }: Work): Promise<Result> {
    const { life, plan, random, world } = this.#builder;
    this.#phase(order, 'sending-inputs');
    await sleep(life.clock, random.between(1, 20), signal);
    const stumble = this.#stumble(node);
    if (stumble !== undefined) return failed(stumble);
    this.#phase(order, 'building');
    await sleep(life.clock, node.plan.milliseconds * plan.slowness, signal);
    if (signal.aborted) return failed('build-failed');
    await this.#sendLog(order);
    const verdict = verdicts[node.plan.fate];
    if (verdict !== null) return failed(verdict);
    if (this.#builder.vice() === 'lies' && random.chance(0.6)) {
      world.happened('vice: lies');
      return succeeded(node);
    }
    this.#phase(order, 'receiving-outputs');
    return (await this.#handOver(node, order, signal)) ? succeeded(node) : failed('upload-failed');
  }

  /** What it fails of its own. */
  #stumble(node: Node): ReportedFailure | undefined {
    const { random, world } = this.#builder;
    if (node.inputs.some((input) => !world.store.isBuilt(input))) return 'import-failed';
    const vice = this.#builder.vice();
    if (vice === 'full-disk' && random.chance(0.5)) return 'preparing-failed';
    if (vice !== 'stumbles' || random.chance(0.4)) return undefined;
    world.happened('vice: stumbles');
    return random.pick(['preparing-failed', 'import-failed', 'post-processing-failed']);
  }

  #phase(order: BuildOrder, phase: Phase): void {
    const { plan, life, world, isSilent, machine, wire } = this.#builder;
    if (isSilent()) return;
    const update = { attempt: order.attempt, machine: machine(), phase };
    if (plan.speaks === 'our-dialect') {
      wire()?.say({ type: 'step-update', update });
      return;
    }
    world.gate.call(life, async (handlers) => handlers.updateStep(update, caller)).catch(() => {});
  }

  async #sendLog({ derivationPath, attempt }: BuildOrder): Promise<void> {
    const { life, world } = this.#builder;
    const log = { derivation: derivationPath, attempt, offset: 0, data: oneLine() };
    try {
      await world.gate.call(life, (handlers) => handlers.receiveLog(log, caller));
    } catch {
      // A log is not worth a build.
    }
  }

  /** As long as the builder has the step; a runner that is away is waited for. */
  async #handOver(node: Node, { fence }: BuildOrder, signal: AbortSignal): Promise<boolean> {
    const { life, plan, random, world } = this.#builder;
    if (plan.sharesStore) {
      for (const path of node.outputs.values()) world.store.add(path, fence);
      return true;
    }
    const triesMax = plan.remembers ? reportTriesMax : uploadTriesMax;
    for (let tries = 0; tries < triesMax && !signal.aborted; tries += 1) {
      try {
        await world.gate.call(life, (handlers) =>
          handlers.receivePaths(outgoing(node, fence), caller),
        );
        return true;
      } catch {
        await sleep(life.clock, random.between(...againMilliseconds), signal);
      }
    }
    return false;
  }

  async #report(work: Work, result: Result): Promise<void> {
    const { life, random, world, tell, vice } = this.#builder;
    const { order, node, stopping } = work;
    const report = this.#write(work, result);
    world.watch.orders.reported(order.attempt);
    const word = result.type === 'succeeded' ? 'has built' : `could not build (${result.failure})`;
    tell(`${word} ${node.derivation.name} (attempt ${order.fence})`);
    if (vice() === 'repeats-itself') this.#repeatLater(report);
    for (let tries = 0; tries < reportTriesMax && !stopping.signal.aborted; tries += 1) {
      if (await this.#deliver(report)) return;
      await sleep(life.clock, random.between(...againMilliseconds), stopping.signal);
    }
  }

  #write({ order, node }: Work, result: Result): AttemptReport {
    const { machine, plan } = this.#builder;
    return {
      attempt: order.attempt,
      machine: machine(),
      result,
      importMilliseconds: 5,
      buildMilliseconds: Math.round(node.plan.milliseconds * plan.slowness),
      uploadMilliseconds: 5,
      cached: false,
      startedAt: null,
      stoppedAt: null,
      cpuUserMicroseconds: null,
      cpuSystemMicroseconds: null,
    };
  }

  async #deliver(report: AttemptReport): Promise<boolean> {
    const { life, plan, wire, world } = this.#builder;
    const open = wire();
    if (plan.speaks === 'our-dialect' && open?.isOpenForBuilder === true) {
      return this.#deliverByTunnel(open, report);
    }
    // It waits until it is back, so that its runner knows again what it holds.
    if (plan.remembers) return false;
    try {
      await world.gate.call(life, (handlers) => handlers.completeBuild(report, caller));
      return true;
    } catch {
      return false;
    }
  }

  #deliverByTunnel(wire: Wire, report: AttemptReport): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isAnswered: boolean) => () => {
        callOff();
        this.#answers.delete(report.attempt);
        resolve(isAnswered);
      };
      const callOff = this.#builder.life.clock.after(answerMilliseconds, settle(false));
      this.#answers.set(report.attempt, settle(true));
      wire.say({ type: 'complete', report });
    });
  }

  #repeatLater(report: AttemptReport): void {
    const { life, random, world } = this.#builder;
    life.clock.after(random.between(10, 60_000), () => {
      world.happened('vice: repeats itself');
      world.gate.call(life, (handlers) => handlers.completeBuild(report, caller)).catch(() => {});
    });
  }
}

function outgoing(node: Node, attempt: number): IncomingPaths {
  const infos = [...node.outputs.values()].map((path) => pathInfo(path, attempt));
  return {
    infos,
    importEach: async (take) => {
      for (const info of infos) await take(info, oneLine());
    },
  };
}

async function* oneLine(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array([104, 105, 10]);
}
