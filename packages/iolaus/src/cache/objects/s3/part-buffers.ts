import { Budget } from '../../budget.ts';

/** What a part is gathered in; whoever is done with it disposes of it. */
export class Part implements Disposable {
  readonly #buffer: Buffer;
  readonly #giveBack: (buffer: Buffer) => void;
  #filled = 0;

  constructor(buffer: Buffer, giveBack: (buffer: Buffer) => void) {
    this.#buffer = buffer;
    this.#giveBack = giveBack;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#filled);
  }

  get isFull(): boolean {
    return this.#filled === this.#buffer.length;
  }

  /** Copies what there is room for. @returns how much that was */
  fill(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.#buffer.length - this.#filled);
    this.#buffer.set(taken, this.#filled);
    this.#filled += taken.length;
    return taken.length;
  }

  [Symbol.dispose](): void {
    this.#giveBack(this.#buffer);
  }
}

/** The memory of parts. Buffers are used again: what is freed in large pieces goes back to the system late, if at all. */
export class PartBuffers {
  readonly #bytesMax: number;
  readonly #budget: Budget;
  readonly #spare: Buffer[] = [];
  /** In all buffers that there are, lent or spare. */
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#budget = new Budget(bytesMax);
  }

  /** An empty part, when there is memory for it; one that is larger than all of it has to be alone. */
  async take(partBytes: number): Promise<Part> {
    await this.#budget.take(partBytes);
    const fitting = this.#spare.findIndex(({ length }) => length === partBytes);
    const [found] = fitting < 0 ? [] : this.#spare.splice(fitting, 1);
    return new Part(found ?? this.#allocate(partBytes), (buffer) => this.#giveBack(buffer));
  }

  #allocate(partBytes: number): Buffer {
    while (this.#spare.length > 0 && this.#bytes + partBytes > this.#bytesMax) this.#forgetOne();
    this.#bytes += partBytes;
    return Buffer.allocUnsafeSlow(partBytes);
  }

  #giveBack(buffer: Buffer): void {
    this.#spare.push(buffer);
    this.#budget.giveBack(buffer.length);
    // Nobody uploads any more.
    if (this.#budget.isWhole) while (this.#spare.length > 0) this.#forgetOne();
  }

  #forgetOne(): void {
    this.#bytes -= this.#spare.shift()?.length ?? 0;
  }
}

/**
 * Of all uploads of this process together: five parts of the usual size. One fills while four are on their way, which fills
 * a gigabit line with 50 ms of way.
 */
const partBytesMax = 25 * 2 ** 20;

export const partBuffers = new PartBuffers(partBytesMax);
