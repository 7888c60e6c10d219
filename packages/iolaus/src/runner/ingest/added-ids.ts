/**
 * Which rows of builds are new. Their ids are above all that were seen, or above one that a notification names: whoever
 * adds many builds takes their ids long before anybody can see the rows.
 */
export class AddedIds {
  #highestSeen = 0;
  /** The lowest that was named since somebody looked. */
  #lowestAdded = Infinity;

  /** Builds were added: this one, and others above it. */
  noteAdded(lowest: number): void {
    this.#lowestAdded = Math.min(this.#lowestAdded, lowest);
  }

  noteSeen(id: number): void {
    this.#highestSeen = Math.max(this.#highestSeen, id);
  }

  /** The next look finds this row again. */
  forget(id: number): void {
    this.#highestSeen = Math.min(this.#highestSeen, id - 1);
  }

  /** Has `read` look at the rows after an id; if that fails, the next look begins at the same one. */
  async look<Rows>(read: (afterId: number) => Promise<Rows>): Promise<Rows> {
    const lowest = this.#lowestAdded;
    this.#lowestAdded = Infinity;
    try {
      return await read(Math.min(this.#highestSeen, lowest - 1));
    } catch (error) {
      this.noteAdded(lowest);
      throw error;
    }
  }
}
