/** Longer inputs are cut; they are only needed to tell which one hangs. */
const largestInputInBytes = 256 * 1024;
const headInWords = 4;

/** How many bytes a slot takes. */
export const slotSizeInBytes = headInWords * 4 + largestInputInBytes;

/** The input being tried, in memory that another thread can read while this one hangs. */
export class Slot {
  readonly #head: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.#head = new Int32Array(memory, 0, headInWords);
    this.#bytes = new Uint8Array(memory, headInWords * 4);
  }

  begin(target: number, number: number, input: Uint8Array): void {
    const kept = input.subarray(0, largestInputInBytes);
    this.#bytes.set(kept);
    this.#head[1] = target;
    this.#head[2] = number;
    this.#head[3] = kept.length;
    Atomics.add(this.#head, 0, 1);
  }

  end(): void {
    Atomics.add(this.#head, 0, 1);
  }

  /** Changes with every begin and end; odd while an input is being tried. */
  get turn(): number {
    return Atomics.load(this.#head, 0);
  }

  read(): { readonly target: number; readonly number: number; readonly input: Buffer } {
    const [, target = 0, number = 0, length = 0] = this.#head;
    return { target, number, input: Buffer.from(this.#bytes.subarray(0, length)) };
  }
}
