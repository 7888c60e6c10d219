import { sleep } from '../../clock/clock.ts';
import type { Phase } from '../../farm/outcome.ts';
import type { ReportedFailure } from '../../protocol/attempt-report.ts';
import type { BuildOrder } from '../../protocol/build-order.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';
import type { HeldAttempt } from '../../protocol/join.ts';
import type { IncomingPaths } from '../../protocol/store-transfer.ts';
import { addressOf } from '../graph.ts';
import type { Node } from '../graph.ts';
import { madeUpArchive, pathInfo } from '../store.ts';
import { Reports } from './reports.ts';
import { Slots } from './slots.ts';
import { failed, succeeded, verdicts } from './verdict.ts';
import type { Result } from './verdict.ts';
import type { Builder, Work } from './work.ts';

const againMilliseconds = [500, 4_000] as const;
const uploadTriesMax = 3;
// Who can come back waits for its runner with its outputs in hand.
const patientTriesMax = 60;
const caller = { address: 'made-up' };

/** Where a builder builds what it was sent. Ends with the life of its builder. */
export class Workshop {
  readonly #builder: Builder;
  readonly #work = new Map<AttemptUuid, Work>();
  readonly #reports: Reports;
  readonly #slots: Slots;

  constructor(builder: Builder) {
    this.#builder = builder;
    this.#slots = new Slots(builder.plan.slots);
    this.#reports = new Reports(builder);
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
      else if (work !== undefined) this.#goOn(work);
    }
  }

  /** The runner has it back, and may not know how far it is. */
  #goOn(work: Work): void {
    work.wire = this.#builder.wire();
    if (work.phase !== undefined) this.#phase(work, work.phase);
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
    this.#reports.answered(attempt);
  }

  take(order: BuildOrder): void {
    const { world, plan, tell } = this.#builder;
    const node = world.graph.node(order.derivationPath);
    const wire = this.#builder.wire();
    const work: Work = { order, node, stopping: new AbortController(), wire, phase: undefined };
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
        await this.#reports.report(work, result);
      }
    } finally {
      this.#slots.release();
      if (this.#work.get(work.order.attempt) === work) this.#work.delete(work.order.attempt);
    }
  }

  async #build(work: Work): Promise<Result> {
    const { order, node } = work;
    const { signal } = work.stopping;
    const { life, plan, random, world } = this.#builder;
    this.#phase(work, 'sending-inputs');
    await sleep(life.clock, random.between(1, 20), signal);
    const stumble = this.#stumble(node);
    if (stumble !== undefined) return failed(stumble);
    this.#phase(work, 'building');
    await sleep(life.clock, node.plan.milliseconds * plan.slowness, signal);
    if (signal.aborted) return failed('build-failed');
    await this.#sendLog(order);
    const verdict = verdicts[node.plan.fate];
    if (verdict !== null) return failed(verdict);
    if (this.#builder.vice() === 'lies' && random.chance(0.6)) {
      world.happened('vice: lies');
      return succeeded(node);
    }
    this.#phase(work, 'receiving-outputs');
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

  #phase(work: Work, phase: Phase): void {
    work.phase = phase;
    const { plan, life, world, isSilent, machine, wire } = this.#builder;
    if (isSilent()) return;
    const update = { attempt: work.order.attempt, machine: machine(), phase };
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
  async #handOver(node: Node, order: BuildOrder, signal: AbortSignal): Promise<boolean> {
    const { life, plan, random, world } = this.#builder;
    if (plan.sharesStore) {
      for (const path of node.outputs.values()) world.store.add(path, order.fence);
      return true;
    }
    const triesMax = plan.remembers ? patientTriesMax : uploadTriesMax;
    for (let tries = 0; tries < triesMax && !signal.aborted; tries += 1) {
      try {
        await world.gate.call(life, (handlers) =>
          handlers.receivePaths(this.#outgoing(node, order), caller),
        );
        return true;
      } catch {
        await sleep(life.clock, random.between(...againMilliseconds), signal);
      }
    }
    return false;
  }

  /** Large outputs take their time, one after the other. */
  #outgoing(node: Node, { attempt, fence }: BuildOrder): IncomingPaths {
    const { life, plan, random } = this.#builder;
    const contentAddress = addressOf(node);
    const infos = [...node.outputs.values()].map((path) => ({
      ...pathInfo(path, fence),
      contentAddress,
    }));
    return {
      attempt: plan.speaks === 'our-dialect' ? attempt : null,
      infos,
      importEach: async (take) => {
        for (const [index, info] of infos.entries()) {
          const arrives = index === 0 ? now : sleep(life.clock, random.pick([1, 1_000, 60_000]));
          await take(info, oneLine(arrives));
        }
      },
    };
  }
}

const now = Promise.resolve();

async function* oneLine(arrives = now): AsyncGenerator<Uint8Array> {
  await arrives;
  yield madeUpArchive;
}
