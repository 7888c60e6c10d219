import type { Http2Stream } from 'node:http2';
import { frameMessage } from './message-frame.ts';
import { WriteGathering } from './write-gathering.ts';

type Waiting = { readonly message: Uint8Array; readonly resolve: (written: boolean) => void };

/** Writes messages to a stream, in the order of the calls and no faster than the peer takes them. */
export class MessageWriter {
  readonly #stream: Http2Stream;
  readonly #waiting: Waiting[] = [];
  #gathering: WriteGathering | undefined;
  #ending = false;

  constructor(stream: Http2Stream) {
    this.#stream = stream;
    stream.on('drain', () => this.#writeWaiting());
    stream.once('close', () => this.#dropWaiting());
  }

  /** Lets messages that come within so many milliseconds go out together. */
  gather(milliseconds: number): void {
    this.#gathering = new WriteGathering(this.#stream, milliseconds);
  }

  /** Waits for room and writes. False if the stream is over, or if `end` was called before. Never rejects. */
  write(message: Uint8Array): Promise<boolean> {
    if (this.#ending || !this.#stream.writable) return Promise.resolve(false);
    if (this.#waiting.length === 0 && !this.#stream.writableNeedDrain) {
      (this.#gathering ?? this.#stream).write(frameMessage(message));
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      this.#waiting.push({ message, resolve });
    });
  }

  /** Ends our side of the stream when all messages are written. */
  end(): void {
    this.#ending = true;
    this.#gathering?.release();
    if (this.#waiting.length === 0 && !this.#stream.writableEnded) this.#stream.end();
  }

  #writeWaiting(): void {
    while (!this.#stream.writableNeedDrain) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#stream.write(frameMessage(next.message));
      next.resolve(true);
    }
    if (this.#ending) this.end();
  }

  #dropWaiting(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve(false);
  }
}
