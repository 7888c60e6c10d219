import type { Duplex } from 'node:stream';
import type { StoreDirectory } from '../../store-path/store-path.ts';
import { DaemonError } from '../daemon-error.ts';
import { outOfBytes, WireCursor } from './cursor.ts';

/** Enough to keep a socket busy while we work; beyond it, the daemon has to wait for us. */
const mostBufferedBytes = 256 * 1024;

/**
 * Reads what a daemon sends. Units are parsed synchronously from what has arrived, and waited for only
 * when that runs out. A stream that is not read is paused once `mostBufferedBytes` have come.
 */
export class WireReader {
  readonly #stream: Duplex;
  readonly #cursor: WireCursor;
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  #paused = false;
  #ended: DaemonError | null = null;
  #waiting: { readonly bytes: number; readonly wake: () => void } | null = null;

  constructor(stream: Duplex, directory: StoreDirectory) {
    this.#stream = stream;
    this.#cursor = new WireCursor(directory);
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('end', () => this.end(new DaemonError('closed', 'The daemon closed the connection')));
    stream.on('error', (cause) =>
      this.end(new DaemonError('closed', 'The connection to the daemon broke', { cause })),
    );
    stream.on('close', () => this.end(new DaemonError('closed', 'The connection was closed')));
  }

  /** Why nothing more will come, or null. What has arrived can still be read. */
  get ended(): DaemonError | null {
    return this.#ended;
  }

  /** How many bytes have arrived and were not read. */
  get bufferedBytes(): number {
    return this.#cursor.remaining + this.#chunkBytes;
  }

  /** Lets everybody who waits or will wait for more bytes fail with `reason`. The first reason stays. */
  end(reason: DaemonError): void {
    this.#ended ??= reason;
    this.#wake();
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

  /** A counted list, however long. */
  async readList<T>(parseItem: (cursor: WireCursor) => T): Promise<T[]> {
    const items: T[] = [];
    for (let count = await this.read((cursor) => cursor.int()); count > 0; count--)
      items.push(this.tryRead(parseItem) ?? (await this.read(parseItem)));
    return items;
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
