/** Counts a few different things; as long as there is only one of them, without a map. */
export class Counts<Thing> {
  #first: Thing | undefined;
  #count = 0;
  #others: Map<Thing, number> | undefined;

  /** Different things. */
  get size(): number {
    return (this.#count > 0 ? 1 : 0) + (this.#others?.size ?? 0);
  }

  get(thing: Thing): number | undefined {
    return this.#count > 0 && this.#first === thing ? this.#count : this.#others?.get(thing);
  }

  /** A count above zero. */
  set(thing: Thing, count: number): void {
    if (this.#others?.has(thing) === true) this.#others.set(thing, count);
    else if (this.#count === 0 || this.#first === thing) {
      this.#first = thing;
      this.#count = count;
    } else {
      this.#others ??= new Map();
      this.#others.set(thing, count);
    }
  }

  delete(thing: Thing): void {
    if (this.#count > 0 && this.#first === thing) {
      this.#first = undefined;
      this.#count = 0;
    } else if (this.#others?.delete(thing) === true && this.#others.size === 0) {
      this.#others = undefined;
    }
  }

  clear(): void {
    this.#first = undefined;
    this.#count = 0;
    this.#others = undefined;
  }

  *keys(): Generator<Thing, undefined> {
    if (this.#first !== undefined && this.#count > 0) yield this.#first;
    if (this.#others !== undefined) yield* this.#others.keys();
    return undefined;
  }
}
