/** The right to build; disposing gives it back, and may be repeated. */
export type Slot = Disposable;

type Waiting = { readonly admit: (slot: Slot) => void };

/** Admits so many builds at a time, first come, first served. */
export class Slots {
  readonly #waiting = new Set<Waiting>();
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Whether `take` would have to wait. */
  get isFull(): boolean {
    return this.#free === 0;
  }

  /** Waits for a slot; rejects with the signal's reason if that comes first. */
  async take(signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return this.#slot();
    }
    const { promise, resolve, reject } = Promise.withResolvers<Slot>();
    const waiting: Waiting = { admit: resolve };
    const leave = () => {
      this.#waiting.delete(waiting);
      reject(signal.reason);
    };
    this.#waiting.add(waiting);
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #slot(): Slot {
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#giveBack();
        held = false;
      },
    };
  }

  #giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next.admit(this.#slot());
  }
}
