import type { Readable } from 'node:stream';
import type { StoreDirectory } from '../../store-path/store-path.ts';
import { DaemonError } from '../daemon-error.ts';
import { outOfBytes, WireCursor } from './cursor.ts';

/** Enough to keep a socket busy while we work; beyond it, the daemon has to wait for us. */
const mostBufferedBytes = 256 * 1024;

/**
 * Reads what the other side sends. Units are parsed synchronously from what has arrived, and waited for only
 * when that runs out. A stream that is not read is paused once `mostBufferedBytes` have come.
 */
export class WireReader {
  readonly #stream: Readable;
  readonly #cursor: WireCursor;
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  #paused = false;
  #left = false;
  #ended: DaemonError | null = null;
  #waiting: { readonly bytes: number; readonly wake: () => void } | null = null;

  /** @param peer who is at the other side, for messages */
  constructor(stream: Readable, directory: StoreDirectory, peer = 'daemon') {
    this.#stream = stream;
    this.#cursor = new WireCursor(directory);
    const end = (message: string, cause?: unknown) =>
      this.end(new DaemonError('closed', message, { cause }));
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('end', () => end(`The ${peer} closed the connection`));
    stream.on('error', (cause) => end(`The connection to the ${peer} broke`, cause));
    stream.on('close', () => end('The connection was closed'));
  }

  /** Why nothing more will come, or null. What has arrived can still be read. */
  get ended(): DaemonError | null {
    return this.#ended;
  }

  get directory(): StoreDirectory {
    return this.#cursor.directory;
  }

  /** How many bytes have arrived and were not read. */
  get bufferedBytes(): number {
    return this.#cursor.remaining + this.#chunkBytes;
  }

  /** How many bytes of the connection have been read. */
  get offset(): number {
    return this.#cursor.offset;
  }

  /** Lets everybody who waits or will wait for more bytes fail with `reason`. The first reason stays. */
  end(reason: DaemonError): void {
    this.#ended ??= reason;
    this.#wake();
  }

  /** Reads no more, and lets whatever comes pass by, so that the end of the stream is noticed. */
  leave(): void {
    this.#chunks = [];
    this.#chunkBytes = 0;
    this.#left = true;
    this.#resume();
  }

  /**
   * Reads one unit. `parse` may be called again from the unit's start when more bytes have come, so
   * it should be small and have no side effects; it returns anything but undefined.
   */
  async read<T>(parse: (cursor: WireCursor) => T): Promise<T> {
    for (;;) {
      const attempt = this.tryRead(parse);
      if (attempt !== undefined) return attempt;
      await this.#arrival(this.#cursor.wanted);
    }
  }

  /** Reads one unit if all of it has arrived, else returns undefined. */
  tryRead<T>(parse: (cursor: WireCursor) => T): T | undefined {
    this.#cursor.begin();
    for (;;) {
      try {
        const unit = parse(this.#cursor);
        this.#resumeIfDrained();
        return unit;
      } catch (error) {
        this.#cursor.rewind();
        if (error !== outOfBytes) throw error;
        if (this.bufferedBytes < this.#cursor.wanted) return undefined;
        this.#gather();
      }
    }
  }

  /** Looks at the next `length` bytes without reading them. */
  async peek(length: number): Promise<Buffer> {
    return this.read((cursor) => {
      const bytes = cursor.exactly(length);
      cursor.rewind();
      return bytes;
    });
  }

  /** At least one and at most `limit` raw bytes. */
  async readSome(limit: number): Promise<Buffer> {
    if (this.#cursor.remaining === 0) {
      if (this.#chunks.length === 0) await this.#arrival(1);
      this.#gather();
    }
    const bytes = this.#cursor.some(limit);
    this.#resumeIfDrained();
    return bytes;
  }

  #receive(chunk: Buffer): void {
    if (this.#left) return;
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
    const buffered = this.bufferedBytes;
    const waitedFor = this.#waiting?.bytes ?? 0;
    if (waitedFor > 0 && buffered >= waitedFor) this.#wake();
    if (buffered < Math.max(mostBufferedBytes, waitedFor)) return;
    this.#paused = true;
    this.#stream.pause();
  }

  /** Also an idle connection has to flow, to learn that the daemon has gone. */
  #resumeIfDrained(): void {
    if (this.#paused && this.bufferedBytes < mostBufferedBytes / 2) this.#resume();
  }

  #resume(): void {
    this.#paused = false;
    this.#stream.resume();
  }

  async #arrival(bytes: number): Promise<void> {
    while (this.bufferedBytes < bytes) {
      if (this.#ended !== null) throw this.#ended;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting = { bytes, wake: resolve };
      this.#resume();
      await promise;
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.wake();
  }

  #gather(): void {
    this.#cursor.append(this.#chunks);
    this.#chunks = [];
    this.#chunkBytes = 0;
  }
}
