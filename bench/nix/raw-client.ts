import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';

/** A client of a daemon that understands nothing: it sends bytes that were prepared, and waits for the last of the answer. */
export class RawClient {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @param hello what greets the daemon; its answer ends with the word for the end of messages */
  static async connect(socketPath: string, hello: Buffer): Promise<RawClient> {
    const socket = createConnection({ path: socketPath });
    await once(socket, 'connect');
    const client = new RawClient(socket);
    await client.ask(hello, (tail) => tail.subarray(-8).equals(endOfMessages));
    return client;
  }

  /** Resolves when what came so far ends in an answer, by its last bytes and the number of all. */
  async ask(
    request: Buffer,
    isWhole: (tail: Buffer, receivedBytes: number) => boolean,
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let received = 0;
    let tail = Buffer.alloc(0);
    const hear = (chunk: Buffer) => {
      received += chunk.length;
      tail = Buffer.concat([tail, chunk]).subarray(-tailInBytes);
      if (isWhole(tail, received)) resolve();
    };
    const lose = () => reject(new Error('The daemon hung up'));
    this.#socket.on('data', hear).once('close', lose);
    this.#socket.write(request);
    await promise;
    this.#socket.off('data', hear).off('close', lose);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** More than any answer that is told by its end. */
const tailInBytes = 1024;

/** What daemons say last before a reply. */
export const endOfMessages = Buffer.from('73746c6100000000', 'hex');
