const repaintMilliseconds = 100;

/** One line on a terminal that is painted over and over, and is gone in the end; nothing elsewhere. */
export class ProgressLine implements Disposable {
  readonly #stream: NodeJS.WriteStream;
  #painted = -Infinity;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  tell(text: string): void {
    if (!this.#stream.isTTY || performance.now() - this.#painted < repaintMilliseconds) return;
    this.#painted = performance.now();
    this.#stream.write(`\r\u001b[K${text.slice(0, this.#stream.columns - 1)}`);
  }

  /** A line that stays, above it. */
  print(text: string): void {
    this.#clear();
    console.log(text);
  }

  [Symbol.dispose](): void {
    this.#clear();
  }

  #clear(): void {
    if (this.#painted > 0) this.#stream.write('\r\u001b[K');
  }
}
