import { sleep } from '../../clock/clock.ts';
import type { AttemptReport, AttemptUse } from '../../protocol/attempt-report.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';
import type { Wire } from '../wire.ts';
import type { Result } from './verdict.ts';
import type { Builder, Work } from './work.ts';

const answerMilliseconds = 15_000;
const againMilliseconds = [500, 4_000] as const;
const triesMax = 60;
const caller = { address: 'made-up' };

/** How a builder tells what became of its work, again and again until it is heard. */
export class Reports {
  readonly #builder: Builder;
  readonly #answers = new Map<AttemptUuid, () => void>();

  constructor(builder: Builder) {
    this.#builder = builder;
  }

  /** The runner has the report. */
  answered(attempt: AttemptUuid): void {
    this.#answers.get(attempt)?.();
  }

  async report(work: Work, result: Result): Promise<void> {
    const { life, random, world, tell, vice } = this.#builder;
    const { order, node, stopping } = work;
    const report = this.#write(work, result);
    world.watch.orders.reported(order.attempt);
    const word = result.type === 'succeeded' ? 'has built' : `could not build (${result.failure})`;
    tell(`${word} ${node.derivation.name} (attempt ${order.fence})`);
    if (vice() === 'repeats-itself') this.#repeatLater(report);
    for (let tries = 0; tries < triesMax && !stopping.signal.aborted; tries += 1) {
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
      ...useOf(node.plan.milliseconds * plan.slowness),
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

/** What takes long needs much, at two processors and a hundred megabytes a second. */
function useOf(milliseconds: number): AttemptUse {
  return {
    cpuUserMicroseconds: Math.round(1_900 * milliseconds),
    cpuSystemMicroseconds: Math.round(100 * milliseconds),
    peakMemoryBytes: Math.round(100_000 * milliseconds),
  };
}
