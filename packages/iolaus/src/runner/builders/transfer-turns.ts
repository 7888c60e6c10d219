import type { Caller } from '../../protocol/caller.ts';

// Each has a connection to the Nix daemon, which is a process. No builder gains from more at once.
const transfersAtOnce = 64;

/** Lets each connection move so many store objects at once; what is more waits, in the order in which it came. */
export class TransferTurns {
  readonly #byCaller = new WeakMap<Caller, Turns>();

  async take(caller: Caller): Promise<Disposable> {
    const turns = this.#byCaller.get(caller) ?? new Turns();
    this.#byCaller.set(caller, turns);
    return turns.take();
  }

  async during<Result>(caller: Caller, move: () => Promise<Result>): Promise<Result> {
    using _turn = await this.take(caller);
    return await move();
  }

  async *stream<Piece>(caller: Caller, move: () => AsyncIterable<Piece>): AsyncGenerator<Piece> {
    using _turn = await this.take(caller);
    yield* move();
  }
}

class Turns {
  readonly #waiting: (() => void)[] = [];
  #free = transfersAtOnce;

  async take(): Promise<Disposable> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return { [Symbol.dispose]: () => this.#giveBack() };
  }

  #giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
