import type { Clock } from '../../clock/clock.ts';
import type { BuilderHealth } from '../../farm/facts.ts';
import type { BuilderId } from '../../farm/identity.ts';
import type { AttemptReport } from '../../protocol/attempt-report.ts';
import { CallError } from '../../protocol/call-error.ts';
import type { Ping } from '../../protocol/join.ts';
import type { BuilderMessage } from '../../protocol/tunnel-message.ts';
import type { RunnerTunnel } from '../../protocol/tunnel.ts';
import type { Reports } from '../attempts/reports.ts';
import { builderHealth } from './builder-facts.ts';
import { PingGate } from './ping-gate.ts';
import type { Refusals } from './refusals.ts';

type ConversationOptions = {
  readonly builder: BuilderId;
  readonly reports: Reports;
  readonly refusals: Refusals;
  readonly clock: Clock;
  readonly onHealth: (health: BuilderHealth) => void;
};

// More than any builder has finished at once. One that says more, and takes no answers, is not heard until it does.
const unansweredMax = 1_000;

/** What a builder says on one tunnel, and what it is answered. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #pings: PingGate;
  /** Reports whose answers are not on the tunnel yet. */
  readonly #unanswered = new Set<Promise<void>>();

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#pings = new PingGate(options.clock);
  }

  /** Hears the builder until its tunnel ends. Throws `CallError` for what it may not say: that ends the tunnel. */
  async follow(tunnel: RunnerTunnel): Promise<void> {
    for await (const message of tunnel.messages) {
      this.#hear(tunnel, message);
      if (this.#unanswered.size >= unansweredMax) await Promise.race(this.#unanswered);
    }
  }

  #hear(tunnel: RunnerTunnel, message: BuilderMessage): void {
    const { builder, reports } = this.#options;
    switch (message.type) {
      case 'ping':
        this.#hearPing(message.ping);
        return;
      case 'step-update':
        reports.notePhase(message.update.attempt, message.update.phase, builder);
        return;
      case 'complete': {
        const answered = this.#answer(tunnel, message.report).finally(() =>
          this.#unanswered.delete(answered),
        );
        this.#unanswered.add(answered);
        return;
      }
    }
  }

  #hearPing(ping: Ping): void {
    const verdict = this.#pings.judge();
    if (verdict === 'too-many') {
      throw this.#options.refusals.refuse('too-many-pings', 'there are too many pings');
    }
    if (verdict === 'counts') this.#options.onHealth(builderHealth(ping));
  }

  /** Never rejects. */
  async #answer(tunnel: RunnerTunnel, report: AttemptReport): Promise<void> {
    const { builder, reports } = this.#options;
    try {
      await reports.complete(report, builder);
      await tunnel.send({ type: 'completed', attempt: report.attempt });
    } catch (error) {
      // A report of another builder's attempt is refused however often it is repeated.
      if (error instanceof CallError) tunnel.close();
    }
  }
}
