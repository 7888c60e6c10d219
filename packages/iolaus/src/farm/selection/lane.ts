import { Heap } from '../queues/heap.ts';
import type { Entry } from '../queues/rank.ts';

/** Up to so many that have left may stay before the lane is swept. */
const goneForFree = 32;

/**
 * Entries of one queue in the order of their turns. An entry that leaves is only marked, and stays until it comes to the
 * front or most entries are marked: so nobody has to keep track of positions.
 */
export class Lane {
  readonly #isBefore: (one: Entry, other: Entry) => boolean;
  #heap: Heap<Entry>;
  #size = 0;

  constructor(isBefore: (one: Entry, other: Entry) => boolean) {
    this.#isBefore = isBefore;
    this.#heap = new Heap(isBefore);
  }

  /** Entries that stand here. */
  get size(): number {
    return this.#size;
  }

  add(entry: Entry): void {
    this.#heap.add(entry);
    this.#size += 1;
  }

  /** One of its entries has been marked as gone. */
  noteLeft(): void {
    this.#size -= 1;
    if (this.#heap.size > 2 * this.#size + goneForFree) this.#sweep();
  }

  first(): Entry | undefined {
    let first = this.#heap.first();
    while (first?.isGone === true) {
      this.#heap.takeFirst();
      first = this.#heap.first();
    }
    return first;
  }

  /** In the order of their turns; costs the logarithm of how many were asked for, each. */
  *inOrder(): Generator<Entry, void, undefined> {
    for (const entry of this.#heap.inOrder()) if (!entry.isGone) yield entry;
  }

  #sweep(): void {
    const former = this.#heap;
    this.#heap = new Heap(this.#isBefore);
    for (const entry of former.entries()) if (!entry.isGone) this.#heap.add(entry);
  }
}
