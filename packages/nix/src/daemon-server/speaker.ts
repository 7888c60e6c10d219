import type { Duplex } from 'node:stream';
import type { DaemonEvent } from '../daemon/event.ts';
import { message } from '../daemon/messages.ts';
import type { Message } from '../daemon/messages.ts';
import type { Protocol } from '../daemon/protocol.ts';
import type { Data } from '../daemon/upload.ts';
import type { Layout } from '../daemon/wire/layout.ts';
import { send } from '../daemon/wire/send.ts';
import { WireWriter } from '../daemon/wire/writer.ts';
import type { StoreDirectory } from '../store-path/store-path.ts';
import { writeEvent } from './write-event.ts';

/** What a daemon says to a client. Every method resolves when the client can take more. */
export class Speaker {
  readonly protocol: Protocol;
  readonly #stream: Duplex;
  readonly #directory: StoreDirectory;

  constructor(stream: Duplex, directory: StoreDirectory, protocol: Protocol) {
    this.#stream = stream;
    this.#directory = directory;
    this.protocol = protocol;
  }

  say(words: Message): Promise<void> {
    const writer = new WireWriter(this.#directory);
    message.write(writer, words, this.protocol);
    return send(this.#stream, writer.finish());
  }

  tell(event: DaemonEvent): Promise<void> {
    return this.say(writeEvent(event));
  }

  fail(error: unknown): Promise<void> {
    const text = error instanceof Error ? error.message : String(error);
    return this.say({ type: 'error', error: { level: 0, message: text, traces: [] } });
  }

  /** Ends the messages, and replies. */
  async answer<Reply>(reply: Layout<Reply>, value: Reply): Promise<void> {
    const writer = new WireWriter(this.#directory);
    message.write(writer, { type: 'last' }, this.protocol);
    reply.write(writer, value, this.protocol);
    await send(this.#stream, writer.finish());
  }

  /** Ends the messages, and sends an archive instead of a reply. */
  async sendArchive(archive: Data): Promise<void> {
    await this.say({ type: 'last' });
    for await (const chunk of archive) await send(this.#stream, chunk);
  }
}
