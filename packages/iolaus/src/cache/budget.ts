/** So much of something, lent to whoever asks, in turn: who wants much is not overtaken by those who want little. */
export class Budget {
  readonly #total: number;
  #free: number;
  readonly #waiting: { readonly amount: number; readonly go: () => void }[] = [];

  constructor(total: number) {
    this.#total = total;
    this.#free = total;
  }

  /** Nobody has any of it, and nobody waits. */
  get isWhole(): boolean {
    return this.#free === this.#total;
  }

  /** Resolves when so much is free; for what is more than there is, when nobody else has anything. */
  async take(amount: number): Promise<void> {
    const possible = this.#possible(amount);
    if (this.#waiting.length === 0 && possible <= this.#free) this.#free -= possible;
    else await new Promise<void>((go) => void this.#waiting.push({ amount: possible, go }));
  }

  giveBack(amount: number): void {
    this.#free += this.#possible(amount);
    for (let [next] = this.#waiting; next !== undefined && next.amount <= this.#free;) {
      this.#free -= next.amount;
      this.#waiting.shift();
      next.go();
      [next] = this.#waiting;
    }
  }

  #possible(amount: number): number {
    return Math.min(amount, this.#total);
  }
}
