/**
 * A binary heap whose items can be found again: taken out from anywhere, or put right when their rank has changed.
 * An item is in it once; ranks may change only between `put` calls, one item at a time.
 */
export class IndexedHeap<Item> {
  readonly #isBefore: (one: Item, other: Item) => boolean;
  readonly #items: Item[] = [];
  readonly #positions = new Map<Item, number>();

  constructor(isBefore: (one: Item, other: Item) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  has(item: Item): boolean {
    return this.#positions.has(item);
  }

  first(): Item | undefined {
    return this.#items[0];
  }

  /** Adds the item, or moves it to where its rank belongs now. */
  put(item: Item): void {
    const position = this.#positions.get(item) ?? this.#items.length;
    this.#place(item, position);
    this.#settle(item, position);
  }

  /** False if it was not there. */
  remove(item: Item): boolean {
    const position = this.#positions.get(item);
    if (position === undefined) return false;
    this.#positions.delete(item);
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      this.#place(last, position);
      this.#settle(last, position);
    }
    return true;
  }

  /** Best first, without taking anything out; costs the logarithm of how many were asked for, each. */
  *inOrder(): Generator<Item, void, undefined> {
    const candidates = new IndexedHeap<number>((one, other) => this.#positionIsBefore(one, other));
    candidates.put(0);
    for (let best = candidates.first(); best !== undefined; best = candidates.first()) {
      candidates.remove(best);
      const item = this.#items[best];
      if (item === undefined) continue;
      yield item;
      candidates.put(2 * best + 1);
      candidates.put(2 * best + 2);
    }
  }

  #positionIsBefore(one: number, other: number): boolean {
    const first = this.#items[one];
    const second = this.#items[other];
    // Positions past the end come last, where nobody sees them.
    if (first === undefined || second === undefined) return first !== undefined;
    return this.#isBefore(first, second);
  }

  #settle(item: Item, from: number): void {
    const position = this.#rise(item, from);
    if (position === from) this.#sink(item, position);
  }

  #rise(item: Item, from: number): number {
    let position = from;
    while (position > 0) {
      const parentPosition = (position - 1) >> 1;
      const parent = this.#items[parentPosition];
      if (parent === undefined || !this.#isBefore(item, parent)) break;
      this.#place(parent, position);
      position = parentPosition;
    }
    if (position !== from) this.#place(item, position);
    return position;
  }

  #sink(item: Item, from: number): void {
    let position = from;
    for (;;) {
      const childPosition = this.#betterChild(position);
      const child = this.#items[childPosition];
      if (child === undefined || !this.#isBefore(child, item)) break;
      this.#place(child, position);
      position = childPosition;
    }
    if (position !== from) this.#place(item, position);
  }

  #betterChild(position: number): number {
    const left = 2 * position + 1;
    return this.#positionIsBefore(left + 1, left) ? left + 1 : left;
  }

  #place(item: Item, position: number): void {
    this.#items[position] = item;
    this.#positions.set(item, position);
  }
}
