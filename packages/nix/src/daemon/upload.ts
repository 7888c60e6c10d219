import { DaemonError } from './daemon-error.ts';
import { OperationFailed, readMessages } from './read-messages.ts';
import { sendFrames } from './wire/frames.ts';
import { send } from './wire/send.ts';
import type { Wire } from './wire/wire.ts';
import { WireWriter } from './wire/writer.ts';
import type { BulkData } from './operations/operation.ts';
import type { Listener } from './listener.ts';

/** What follows a request: plain bytes or an archive, in pieces of any size. */
export type Data = AsyncIterable<Uint8Array>;

/** Sends data behind a request as the protocol wants it, and returns when the daemon has taken it. */
export function upload(wire: Wire, way: BulkData, data: Data, listener: Listener): Promise<void> {
  return way === 'pulled'
    ? uploadOnDemand(wire, data, listener)
    : uploadAhead(wire, way, data, listener);
}

/** Sends it in frames, or as it is, listening meanwhile: an early error ends the sending. */
async function uploadAhead(
  wire: Wire,
  way: BulkData,
  data: Data,
  listener: Listener,
): Promise<void> {
  let answered = false;
  const messages = readMessages(wire.reader, wire.protocol, listener).finally(
    () => (answered = true),
  );
  const sending =
    way === 'framed' ? sendFrames(wire.stream, data, () => !answered) : sendPlainly(wire, data);
  // Both are awaited below, unless one of them fails first, which closes the connection.
  messages.catch(() => {});
  sending.catch(() => {});
  await Promise.race([sending, loss(messages)]);
  await messages;
}

/** Rejects when the connection is lost, for which the data should not be waited for. */
async function loss(messages: Promise<void>): Promise<never> {
  try {
    await messages;
  } catch (error) {
    if (!(error instanceof OperationFailed)) throw error;
  }
  return new Promise<never>(() => {});
}

async function sendPlainly({ stream }: Wire, data: Data): Promise<void> {
  for await (const chunk of data) await send(stream, chunk);
}

/** Sends data as the daemon of an old protocol demands it, portion by portion. */
async function uploadOnDemand(wire: Wire, data: Data, listener: Listener): Promise<void> {
  const { stream, reader, protocol, directory } = wire;
  const portions = new Portions(data);
  try {
    await readMessages(reader, protocol, listener, async (limit) => {
      const portion = await portions.take(limit);
      await send(stream, new WireWriter(directory).bytes(portion).finish());
    });
  } finally {
    await portions.close();
  }
}

/** Hands out data in portions of a wanted size, whatever chunks it comes in. */
class Portions {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(data: Data) {
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
