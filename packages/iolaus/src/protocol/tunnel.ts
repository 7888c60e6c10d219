import type { BuilderMessage, FromRunner, RunnerMessage } from './tunnel-message.ts';

/** The runner's end of a tunnel. */
export interface RunnerTunnel {
  /** To be read once. Ends when the builder or we close the tunnel; throws `CallError` if the connection is lost. */
  readonly messages: AsyncIterable<BuilderMessage>;
  /**
   * Queues a message; the promise waits while the queue is full. False if the tunnel has ended: the message is lost,
   * as it may be even after true. Messages arrive in the order of the calls. Rejects with `CallError` only for a
   * message that the protocol has no form for: one of more than 50 MiB, a build with variable names that are not
   * UTF-8.
   */
  send(message: RunnerMessage): Promise<boolean>;
  /** Aborted when the tunnel has ended. */
  readonly signal: AbortSignal;
  /** Sends what is queued, then ends the tunnel. */
  close(): void;
}

/** The builder's end of a tunnel. */
export interface BuilderTunnel {
  /**
   * To be read once; the first one is `joined`. Ends when the runner ends the tunnel; throws `CallError` if it refuses
   * the join or if the connection is lost. Leaving the loop early gives up the tunnel.
   */
  readonly messages: AsyncIterable<FromRunner>;
  /** As `RunnerTunnel.send`. The join has been sent already. */
  send(message: BuilderMessage): Promise<boolean>;
  /** Aborted when the tunnel has ended. */
  readonly signal: AbortSignal;
  /** Sends what is queued, then ends our side; the runner will end the tunnel. */
  close(): void;
}

export type TunnelEnd =
  | { readonly reason: 'closed-by-builder' }
  | { readonly reason: 'closed-by-runner' }
  /** The connection broke, the builder broke the rules, or `converse` threw. */
  | { readonly reason: 'lost'; readonly cause: unknown };
