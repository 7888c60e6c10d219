import type { RunnerHandlers } from '../protocol/server/runner-server.ts';
import type { Join, JoinAnswer } from '../protocol/join.ts';
import type { Served } from '../runner/doors.ts';
import type { Agenda } from './agenda.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';
import { Wire, lost } from './wire.ts';
import type { BuilderEnd } from './wire.ts';

const latencyMilliseconds = [0.2, 3] as const;
// What a builder notices of a runner that died: the kernel closes its sockets.
const deathNoticedMilliseconds = 5;

const keepAliveMilliseconds = 30_000;

/** Each end hears of it within so many milliseconds. */
type NoticedWithin = { readonly builder: number; readonly runner: number };

type Door = { readonly handlers: RunnerHandlers; readonly life: Life };

const caller = { address: 'made-up' };

/** Where builders find the runner, if there is one. */
export class Gate {
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #wires = new Set<Wire>();
  /** Of runners that let builders in, the latest last: one that lost the lead may open its own after its successor. */
  readonly #doors = new Set<Door>();
  /** How probable it is that the answer to a call gets lost. */
  answersLost = 0;

  constructor(agenda: Agenda, random: Random) {
    this.#agenda = agenda;
    this.#random = random;
  }

  /** Tunnels that are open at one end at least. */
  get wires(): Iterable<Wire> {
    return this.#wires;
  }

  serve(life: Life): (handlers: RunnerHandlers) => Promise<Served> {
    return (handlers) => {
      const door = { handlers, life };
      this.#doors.add(door);
      const close = (): void => {
        this.#doors.delete(door);
        this.#cutThoseOf(life, { builder: deathNoticedMilliseconds, runner: 0 });
      };
      life.atDeath(close);
      return Promise.resolve({
        endpoint: 'made-up',
        [Symbol.asyncDispose]: () => Promise.resolve(close()),
      });
    };
  }

  /** Dials the runner. Rejects where there is none. */
  async openTunnel(
    builder: Life,
    join: Join,
    builderEnd: BuilderEnd,
  ): Promise<{ readonly wire: Wire; readonly answer: JoinAnswer }> {
    const opened: Wire[] = [];
    const calling = this.call(builder, async (handlers, runner) => {
      const accepted = await handlers.openTunnel(join, caller);
      const wire = new Wire(this.#agenda, this.#random, { runner, builder, builderEnd });
      this.#wires.add(wire);
      // A builder that is gone is missed by the runner's keep-alive.
      builder.atDeath(() =>
        wire.cut({ builder: 0, runner: this.#random.between(0, keepAliveMilliseconds) }),
      );
      wire.accept(accepted);
      opened.push(wire);
      return { wire, answer: accepted.accept };
    });
    return calling.catch((error: unknown) => {
      // Nobody is at the builder's end.
      for (const wire of opened) wire.cut({ builder: 0, runner: 0 });
      throw error;
    });
  }

  /** A call and its answer, each of which takes its time and may get lost. */
  call<Answer>(
    builder: Life,
    act: (handlers: RunnerHandlers, runner: Life) => Promise<Answer>,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => this.#later(() => builder.hear(() => reject(error)));
      builder.effect(() => {
        this.#later(() => {
          const door = [...this.#doors].at(-1);
          if (door === undefined || door.life.isOver) {
            fail(lost());
            return;
          }
          const forget = door.life.atDeath(() => fail(lost()));
          const succeed = (answer: Answer): void => {
            forget();
            if (this.#random.chance(this.answersLost)) fail(lost());
            else this.#later(() => builder.hear(() => resolve(answer)));
          };
          const refuse = (error: unknown): void => {
            forget();
            fail(error);
          };
          act(door.handlers, door.life).then(succeed, refuse);
        });
      });
    });
  }

  cutAll(noticedWithin: NoticedWithin): void {
    for (const wire of this.#wires) this.#cut(wire, noticedWithin);
  }

  #cutThoseOf(runner: Life, noticedWithin: NoticedWithin): void {
    for (const wire of this.#wires) if (wire.runner === runner) this.#cut(wire, noticedWithin);
  }

  #cut(wire: Wire, noticedWithin: NoticedWithin): void {
    this.#wires.delete(wire);
    wire.cut({
      builder: this.#random.between(0, noticedWithin.builder),
      runner: this.#random.between(0, noticedWithin.runner),
    });
  }

  #later(act: () => void): void {
    this.#agenda.after(this.#random.between(...latencyMilliseconds), act);
  }
}
