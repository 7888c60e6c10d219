import { closeSync, constants, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';

// Most logs are shorter, and cost no file.
const memoryBytesMax = 256 * 1024;
// What is read from the file at once: a few milliseconds of a slow disk.
const pieceBytes = 256 * 1024;

/** Everything that a build has said, in memory first and in a file when it becomes much. */
export class LogSpool implements Disposable {
  readonly #path: string;
  #descriptor: number | undefined;
  #fileBytes = 0;
  #memory: Uint8Array[] = [];
  #memoryBytes = 0;

  #spillBytes = memoryBytesMax;
  #isKept = false;
  readonly #onFailure: (error: unknown) => void;

  /**
   * `path`: of the file, made when it is needed; one that an earlier spool kept goes on. Where it cannot be written, everything
   * stays in memory, which the limit of a log bounds: `onFailure` hears of it.
   */
  constructor(path: string, onFailure: (error: unknown) => void) {
    this.#path = path;
    this.#onFailure = onFailure;
    this.#fileBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  get bytes(): number {
    return this.#fileBytes + this.#memoryBytes;
  }

  append(...pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      this.#memory.push(piece);
      this.#memoryBytes += piece.length;
    }
    if (this.#memoryBytes > this.#spillBytes) this.#trySpill();
  }

  /** What is there from `position` on, or a part of it; empty at the end. */
  read(position: number): Uint8Array {
    if (position >= this.#fileBytes) {
      return this.#gathered().subarray(position - this.#fileBytes);
    }
    const piece = Buffer.alloc(Math.min(pieceBytes, this.#fileBytes - position));
    return piece.subarray(0, readSync(this.#open(), piece, 0, piece.length, position));
  }

  /** Has the file stay when the spool is disposed. */
  keep(): void {
    if (this.#memoryBytes > 0) this.#spill();
    this.#isKept = true;
  }

  /** It is not needed any more. */
  drop(): void {
    this.#isKept = false;
  }

  [Symbol.dispose](): void {
    this.#memory = [];
    this.#memoryBytes = 0;
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    if (this.#fileBytes > 0 && !this.#isKept) rmSync(this.#path, { force: true });
  }

  #trySpill(): void {
    try {
      this.#spill();
      this.#spillBytes = memoryBytesMax;
    } catch (error) {
      if (this.#spillBytes === memoryBytesMax) this.#onFailure(error);
      // Not at each line.
      this.#spillBytes = this.#memoryBytes + memoryBytesMax;
    }
  }

  #spill(): void {
    const bytes = this.#gathered();
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.#open(), bytes, written, undefined, this.#fileBytes + written);
    }
    this.#fileBytes += bytes.length;
    this.#memory = [];
    this.#memoryBytes = 0;
  }

  #gathered(): Uint8Array {
    const [first] = this.#memory;
    if (first !== undefined && this.#memory.length === 1) return first;
    const all = Buffer.concat(this.#memory);
    this.#memory = [all];
    return all;
  }

  #open(): number {
    this.#descriptor ??= openSync(this.#path, constants.O_RDWR | constants.O_CREAT, 0o600);
    return this.#descriptor;
  }
}
