import { DaemonError } from './daemon-error.ts';
import { readMessages } from './messages.ts';
import { sendFrames } from './wire/frames.ts';
import { send } from './wire/send.ts';
import type { Wire } from './wire/wire.ts';

const wordInBytes = 8;

/** Sends data behind a request in frames, listening meanwhile: an early error ends the sending. */
export async function uploadFrames(wire: Wire, data: AsyncIterable<Uint8Array>): Promise<void> {
  let answered = false;
  const messages = readMessages(wire.reader, wire.protocol).finally(() => (answered = true));
  // Awaited below, unless the data fails first, which closes the connection.
  messages.catch(() => {});
  await sendFrames(wire.stream, data, () => !answered);
  await messages;
}

/** Sends data as the daemon of an old protocol demands it, portion by portion. */
export async function uploadOnDemand(wire: Wire, data: AsyncIterable<Uint8Array>): Promise<void> {
  const portions = new Portions(data);
  try {
    await readMessages(wire.reader, wire.protocol, {
      onDataWanted: async (limit) => send(wire.stream, asString(await portions.take(limit))),
    });
  } finally {
    await portions.close();
  }
}

/** Hands out data in portions of a wanted size, whatever chunks it comes in. */
class Portions {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(data: AsyncIterable<Uint8Array>) {
    this.#chunks = data[Symbol.asyncIterator]();
  }

  /** At least one and at most `limit` bytes. */
  async take(limit: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true)
        throw new DaemonError('protocol', 'The daemon wants more data than there is');
      this.#rest = next.value;
    }
    const portion = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(limit);
    return portion;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

function asString(bytes: Uint8Array): Buffer {
  const padded = Math.ceil(bytes.length / wordInBytes) * wordInBytes;
  const string = Buffer.alloc(wordInBytes + padded);
  string.writeUInt32LE(bytes.length);
  string.set(bytes, wordInBytes);
  return string;
}
