import type { Clock } from '../clock/clock.ts';
import type { Agenda } from './agenda.ts';
import type { Random } from './random.ts';

/** Milliseconds since the epoch at which every history begins: some day in 2026. */
export const epochMilliseconds = 1_790_000_000_000;

/**
 * One life of a program: from its start until it ends or is killed. A dead one hears nothing any more: what it waits for
 * never comes, and what it still says on its last breath is not heard.
 */
export class Life {
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #atDeath = new Set<() => void>();
  #isOver = false;
  #uuids = 0;
  /** By how much its clock is wrong. */
  skewMilliseconds = 0;
  /** Called before each effect on the world; may end the life. */
  onEffect: () => void = () => {};

  constructor(agenda: Agenda, random: Random) {
    this.#agenda = agenda;
    this.#random = random;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  readonly clock: Clock = {
    now: () => Math.floor(epochMilliseconds + this.#agenda.now + this.skewMilliseconds),
    elapsed: () => this.#agenda.now,
    after: (milliseconds, act) => this.#agenda.after(milliseconds, () => this.hear(act)),
  };

  readonly random = (): number => this.#random.fraction();

  readonly makeUuid = (): string => {
    this.#uuids += 1;
    const digits = (count: number): string =>
      Array.from({ length: count }, () => this.#random.below(16).toString(16)).join('');
    const last = this.#uuids.toString(16).padStart(12, '0');
    return `${digits(8)}-${digits(4)}-${digits(4)}-${digits(4)}-${last}`;
  };

  /** It does something to the world, if it is alive. */
  effect(act: () => void): void {
    if (this.#isOver) return;
    this.onEffect();
    if (!this.#isOver) act();
  }

  /** Something reaches it, if it is alive. */
  hear(act: () => void): void {
    if (!this.#isOver) act();
  }

  /** To be done when it dies. Returns how to call it off. */
  atDeath(act: () => void): () => void {
    this.#atDeath.add(act);
    return () => this.#atDeath.delete(act);
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const acts = [...this.#atDeath];
    this.#atDeath.clear();
    for (const act of acts) act();
  }
}
