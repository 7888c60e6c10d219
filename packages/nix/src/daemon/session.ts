import type { StoreDirectory } from '../store-path/store-path.ts';
import type { Channel } from './channel.ts';
import type { AskOptions } from './channel.ts';
import type { Operation } from './operations/operation.ts';
import type { ProtocolVersion } from './protocol.ts';

/**
 * What a connection to a daemon is, whatever is asked on it: a greeting, questions that are answered one after the other, an
 * end.
 */
export abstract class DaemonSession implements AsyncDisposable {
  readonly storeDirectory: StoreDirectory;
  /** @internal */
  protected readonly channel: Channel;

  /** @internal */
  protected constructor(storeDirectory: StoreDirectory, channel: Channel) {
    this.storeDirectory = storeDirectory;
    this.channel = channel;
  }

  /** The version of the protocol that both sides speak. */
  get protocol(): ProtocolVersion {
    return this.channel.greeting.protocol.version;
  }

  /** What both sides can besides, since 1.38. */
  get features(): ReadonlySet<string> {
    return this.channel.greeting.protocol.features;
  }

  /** Such as `2.34.8`; null before 2.7. */
  get nixVersion(): string | null {
    return this.channel.greeting.nixVersion;
  }

  /** Whether the daemon trusts us; null where it does not say, before 2.15. */
  get trusted(): boolean | null {
    return this.channel.greeting.trusted;
  }

  /** False once it is closed, broken, or the daemon has gone. */
  get isOpen(): boolean {
    return this.channel.isOpen;
  }

  /** Asks anything of the catalogue of operations, also what has no method here, such as `verifyStore`. */
  ask<Request, Reply>(
    operation: Operation<Request, Reply>,
    request: Request,
    options?: AskOptions,
  ): Promise<Reply> {
    return this.channel.ask(operation, request, options);
  }

  /** Takes no more questions, and closes when those asked before are answered. */
  close(): void {
    void this.channel.close();
  }

  /** Closes now. The daemon cancels whatever it does for us, builders included. */
  destroy(): void {
    this.channel.destroy();
  }

  /** Closes now, and waits until nothing is left of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    await this.channel.closed();
  }
}
