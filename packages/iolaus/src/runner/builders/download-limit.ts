import type { RunnerHandlers } from '../../protocol/server/runner-server.ts';
import type { RunnerTunnel } from '../../protocol/tunnel.ts';

/** How many paths a builder may fetch at once, which can change while builders are connected. */
export class DownloadLimit {
  readonly #limit: () => number;
  readonly #tunnels = new Set<RunnerTunnel>();

  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** The same handlers; who joins hears the limit of the moment. */
  watch(handlers: RunnerHandlers): RunnerHandlers {
    return {
      ...handlers,
      openTunnel: async (join, caller) => {
        const accepted = await handlers.openTunnel(join, caller);
        return {
          ...accepted,
          accept: { ...accepted.accept, maxConcurrentDownloads: this.#limit() },
          converse: async (tunnel) => {
            this.#tunnels.add(tunnel);
            try {
              await accepted.converse(tunnel);
            } finally {
              this.#tunnels.delete(tunnel);
            }
          },
        };
      },
    };
  }

  /** Tells everybody the limit of the moment. Who cannot be told is gone, or hears it when it joins again. */
  async tell(): Promise<void> {
    const maxConcurrentDownloads = this.#limit();
    await Promise.allSettled(
      [...this.#tunnels].map((tunnel) =>
        tunnel.send({ type: 'configuration', maxConcurrentDownloads }),
      ),
    );
  }
}
