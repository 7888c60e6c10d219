/** A binary heap: the first item is at hand, the rest costs the logarithm of how many there are. */
export class Heap<Item> {
  protected readonly items: Item[] = [];
  readonly #isBefore: (one: Item, other: Item) => boolean;

  constructor(isBefore: (one: Item, other: Item) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.items.length;
  }

  first(): Item | undefined {
    return this.items[0];
  }

  add(item: Item): void {
    this.settle(item, this.items.length);
  }

  takeFirst(): Item | undefined {
    const [first] = this.items;
    const last = this.items.pop();
    if (last !== undefined && this.items.length > 0) this.settle(last, 0);
    return first;
  }

  /** In no order. */
  entries(): Iterable<Item> {
    return this.items;
  }

  /** Best first, without taking anything out; costs the logarithm of how many were asked for, each. */
  *inOrder(): Generator<Item, void, undefined> {
    const candidates = new Heap<number>((one, other) => this.#positionIsBefore(one, other));
    candidates.add(0);
    for (let best = candidates.takeFirst(); best !== undefined; best = candidates.takeFirst()) {
      const item = this.items[best];
      if (item === undefined) continue;
      yield item;
      candidates.add(2 * best + 1);
      candidates.add(2 * best + 2);
    }
  }

  #positionIsBefore(one: number, other: number): boolean {
    const first = this.items[one];
    const second = this.items[other];
    // Positions past the end come last, where nobody sees them.
    if (first === undefined || second === undefined) return first !== undefined;
    return this.#isBefore(first, second);
  }

  /** Brings an item to where it belongs, from a position that is free for it. */
  protected settle(item: Item, from: number): void {
    const position = this.#rise(item, from);
    this.place(item, position === from ? this.#sink(item, position) : position);
  }

  #rise(item: Item, from: number): number {
    let position = from;
    while (position > 0) {
      const parentPosition = (position - 1) >> 1;
      const parent = this.items[parentPosition];
      if (parent === undefined || !this.#isBefore(item, parent)) break;
      this.place(parent, position);
      position = parentPosition;
    }
    return position;
  }

  #sink(item: Item, from: number): number {
    let position = from;
    for (;;) {
      const left = 2 * position + 1;
      const childPosition = this.#positionIsBefore(left + 1, left) ? left + 1 : left;
      const child = this.items[childPosition];
      if (child === undefined || !this.#isBefore(child, item)) return position;
      this.place(child, position);
      position = childPosition;
    }
  }

  protected place(item: Item, position: number): void {
    this.items[position] = item;
  }
}

/**
 * A heap whose items can be found again: taken out from anywhere, or put right when their rank has changed. An item is
 * in it once; ranks may change only between `put` calls, one item at a time.
 */
export class IndexedHeap<Item> extends Heap<Item> {
  readonly #positions = new Map<Item, number>();

  has(item: Item): boolean {
    return this.#positions.has(item);
  }

  /** Adds the item, or moves it to where its rank belongs now. */
  put(item: Item): void {
    this.settle(item, this.#positions.get(item) ?? this.items.length);
  }

  override add(item: Item): void {
    this.put(item);
  }

  override takeFirst(): Item | undefined {
    const first = this.first();
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** False if it was not there. */
  remove(item: Item): boolean {
    const position = this.#positions.get(item);
    if (position === undefined) return false;
    this.#positions.delete(item);
    const last = this.items.pop();
    if (last !== undefined && last !== item) this.settle(last, position);
    return true;
  }

  protected override place(item: Item, position: number): void {
    super.place(item, position);
    this.#positions.set(item, position);
  }
}
