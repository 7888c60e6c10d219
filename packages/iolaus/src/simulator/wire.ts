import { CallError } from '../protocol/call-error.ts';
import type { AcceptedTunnel } from '../protocol/server/runner-server.ts';
import type { RunnerTunnel, TunnelEnd } from '../protocol/tunnel.ts';
import type { BuilderMessage, RunnerMessage } from '../protocol/tunnel-message.ts';
import type { Agenda } from './agenda.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';

const latencyMilliseconds = [0.2, 3] as const;

/** What the builder does at its end. */
export type BuilderEnd = {
  hear(message: RunnerMessage): void;
  lost(): void;
};

/** A tunnel from builder to runner with both its ends. Messages arrive in order, if they arrive. */
export class Wire {
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #runner: Life;
  readonly #builder: Life;
  readonly #builderEnd: BuilderEnd;
  readonly #mailbox = new Mailbox();
  readonly #ended = new AbortController();
  #accepted: AcceptedTunnel | undefined;
  #lastUp = 0;
  #lastDown = 0;
  #builderKnows = false;
  #isCarrying = true;
  #isClosing = false;

  constructor(
    agenda: Agenda,
    random: Random,
    ends: { readonly runner: Life; readonly builder: Life; readonly builderEnd: BuilderEnd },
  ) {
    this.#agenda = agenda;
    this.#random = random;
    this.#runner = ends.runner;
    this.#builder = ends.builder;
    this.#builderEnd = ends.builderEnd;
  }

  /** The runner at its other end. */
  get runner(): Life {
    return this.#runner;
  }

  /** The builder has not heard yet that it is over. */
  get isOpenForBuilder(): boolean {
    return !this.#builderKnows;
  }

  get isOpenForRunner(): boolean {
    return !this.#ended.signal.aborted;
  }

  /** The runner takes the tunnel. */
  accept(accepted: AcceptedTunnel): void {
    this.#accepted = accepted;
    const tunnel: RunnerTunnel = {
      messages: this.#mailbox.read(),
      signal: this.#ended.signal,
      send: (message) => this.#sendDown(message),
      close: () => this.#close(),
    };
    accepted.converse(tunnel).then(
      () => this.#endForRunner({ reason: 'closed-by-runner' }),
      (cause: unknown) => this.#endForRunner({ reason: 'lost', cause }),
    );
  }

  /** From the builder to the runner. */
  say(message: BuilderMessage): void {
    this.#builder.effect(() => {
      if (!this.#isCarrying) return;
      this.#lastUp = this.#arrival(this.#lastUp);
      this.#agenda.after(this.#lastUp - this.#agenda.now, () => {
        if (this.#isCarrying) this.#runner.hear(() => this.#mailbox.put(message));
      });
    });
  }

  /** Nothing passes any more; each side hears of it in its own time. */
  cut(noticedAfter: { readonly builder: number; readonly runner: number }): void {
    this.#isCarrying = false;
    this.#agenda.after(noticedAfter.builder, () => this.#endForBuilder());
    this.#agenda.after(noticedAfter.runner, () => {
      this.#runner.hear(() => this.#endForRunner({ reason: 'lost', cause: lost() }));
    });
  }

  /** The runner says nothing more; that the tunnel has ended it hears when the builder has, too. */
  #close(): void {
    this.#isClosing = true;
    this.#agenda.after(this.#random.between(...latencyMilliseconds), () => {
      if (!this.#isCarrying) return;
      this.#runner.hear(() => this.#endForRunner({ reason: 'closed-by-runner' }));
    });
  }

  #sendDown(message: RunnerMessage): Promise<boolean> {
    if (this.#isClosing || this.#ended.signal.aborted) return Promise.resolve(false);
    this.#runner.effect(() => {
      this.#lastDown = this.#arrival(this.#lastDown);
      this.#agenda.after(this.#lastDown - this.#agenda.now, () => {
        if (this.#isCarrying) this.#builder.hear(() => this.#builderEnd.hear(message));
      });
    });
    return Promise.resolve(true);
  }

  #endForRunner(end: TunnelEnd): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#mailbox.end();
    this.#accepted?.ended(end);
    this.#lastDown = this.#arrival(this.#lastDown);
    this.#agenda.after(this.#lastDown - this.#agenda.now, () => this.#endForBuilder());
  }

  #endForBuilder(): void {
    if (this.#builderKnows) return;
    this.#builderKnows = true;
    this.#isCarrying = false;
    this.#builder.hear(() => this.#builderEnd.lost());
  }

  #arrival(last: number): number {
    return Math.max(last, this.#agenda.now + this.#random.between(...latencyMilliseconds));
  }
}

export function lost(): CallError {
  return new CallError('unavailable', 'the connection was lost');
}

/** What has arrived and was not read yet. */
class Mailbox {
  readonly #messages: BuilderMessage[] = [];
  #arrived = Promise.withResolvers<void>();
  #isOver = false;

  put(message: BuilderMessage): void {
    this.#messages.push(message);
    this.#arrived.resolve();
  }

  end(): void {
    this.#isOver = true;
    this.#arrived.resolve();
  }

  async *read(): AsyncGenerator<BuilderMessage> {
    for (;;) {
      for (let next = this.#messages.shift(); next !== undefined; next = this.#messages.shift()) {
        yield next;
      }
      if (this.#isOver) return;
      await this.#arrived.promise;
      this.#arrived = Promise.withResolvers();
    }
  }
}
