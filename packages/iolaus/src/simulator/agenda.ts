type Entry = {
  readonly at: number;
  /** Of two at one time the one that was entered first comes first. */
  readonly sequence: number;
  readonly act: () => void;
  isOff: boolean;
};

/** A made-up time, and what is to happen in it. Whatever happens in a history happens here, one thing after the other. */
export class Agenda {
  readonly #heap: Entry[] = [];
  #now = 0;
  #sequence = 0;

  /** Milliseconds since the history began; not whole ones. */
  get now(): number {
    return this.#now;
  }

  /** How much has happened or been planned so far. */
  get entered(): number {
    return this.#sequence;
  }

  /** Returns how to call it off. */
  after(milliseconds: number, act: () => void): () => void {
    const at = this.#now + Math.max(milliseconds, 0);
    const entry: Entry = { at, sequence: this.#sequence, act, isOff: false };
    this.#sequence += 1;
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    return () => {
      entry.isOff = true;
    };
  }

  /** Lets the next thing happen. False where there is none until then. */
  step(until: number): boolean {
    let next = this.#heap[0];
    while (next?.isOff === true) {
      this.#takeFirst();
      next = this.#heap[0];
    }
    if (next === undefined || next.at > until) return false;
    this.#takeFirst();
    this.#now = next.at;
    next.act();
    return true;
  }

  #takeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapUnlessInOrder(parent, index)) return;
      index = parent;
    }
  }

  #sink(from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      const child = this.#isBefore(left + 1, left) ? left + 1 : left;
      if (child >= this.#heap.length || !this.#swapUnlessInOrder(index, child)) return;
      index = child;
    }
  }

  #swapUnlessInOrder(parent: number, child: number): boolean {
    if (!this.#isBefore(child, parent)) return false;
    const [one, other] = [this.#heap[parent], this.#heap[child]];
    if (one === undefined || other === undefined) return false;
    this.#heap[parent] = other;
    this.#heap[child] = one;
    return true;
  }

  #isBefore(one: number, other: number): boolean {
    const [first, second] = [this.#heap[one], this.#heap[other]];
    if (first === undefined || second === undefined) return false;
    return first.at < second.at || (first.at === second.at && first.sequence < second.sequence);
  }
}

/**
 * Resolves when everything that could go on without more happening has gone on. Nothing in a made-up world waits for anything
 * but promises: a turn of the event loop would find nothing, and cost a third of the time.
 */
export const quiet = (): Promise<void> =>
  new Promise((resolve) => {
    process.nextTick(resolve);
  });
