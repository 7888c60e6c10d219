/** Up to so many members a list is smaller than a table, and as quick. */
const listMax = 48;

/**
 * A set that costs next to nothing while it has few members, as most do of the hundreds of thousands that a farm keeps.
 * Like `Set` it remembers the order in which members came; unlike it, it must not change while it is walked through.
 */
export class SmallSet<Member> {
  #members: Member[] | Set<Member> | undefined;

  get size(): number {
    if (this.#members === undefined) return 0;
    return this.#members instanceof Set ? this.#members.size : this.#members.length;
  }

  has(member: Member): boolean {
    if (this.#members === undefined) return false;
    return this.#members instanceof Set
      ? this.#members.has(member)
      : this.#members.includes(member);
  }

  add(member: Member): void {
    const members = this.#members;
    if (members === undefined) this.#members = [member];
    else if (members instanceof Set) members.add(member);
    else if (members.includes(member)) return;
    // A list that grows by itself keeps room for sixteen more.
    else if (members.length < listMax) this.#members = [...members, member];
    else this.#members = new Set(members).add(member);
  }

  /** False if it was not there. */
  delete(member: Member): boolean {
    const members = this.#members;
    if (members === undefined) return false;
    if (members instanceof Set) return members.delete(member);
    const position = members.indexOf(member);
    if (position === -1) return false;
    members.splice(position, 1);
    if (members.length === 0) this.#members = undefined;
    return true;
  }

  clear(): void {
    this.#members = undefined;
  }

  values(): IteratorObject<Member, undefined> {
    return (this.#members ?? nothing).values();
  }

  [Symbol.iterator](): IteratorObject<Member, undefined> {
    return this.values();
  }
}

const nothing: readonly never[] = [];
