import type { BuilderFacts } from '../farm/facts.ts';
import { builderId } from '../farm/identity.ts';
import type { BuilderId } from '../farm/identity.ts';
import type { Logger } from '../logging/logger.ts';
import type { Join } from '../protocol/join.ts';
import type { AcceptedTunnel } from '../protocol/server.ts';
import type { RunnerTunnel } from '../protocol/tunnel.ts';
import type { BuilderMessage, RunnerMessage } from '../protocol/tunnel-message.ts';
import { ourDialect } from '../protocol/version.ts';
import type { Decisions } from './decisions.ts';
import type { Reports } from './reports.ts';

// Tiny steps take some five milliseconds. Their successors come with the next transaction, which is some fifty later
// when the builder's messages and the database's rest add up.
const stepsAheadMin = 30;

type Connected = { readonly join: Join; readonly tunnel: RunnerTunnel };

/** The builders that have a tunnel open. A builder is its tunnel: what it claims to be called identifies nobody. */
export class Builders {
  readonly #connected = new Map<BuilderId, Connected>();
  readonly #decisions: Decisions;
  readonly #reports: Reports;
  readonly #logger: Logger;
  readonly #makeUuid: () => string;
  readonly #storeIdentity: string | null;
  readonly #maxConcurrentDownloads: number;

  constructor(options: {
    readonly decisions: Decisions;
    readonly reports: Reports;
    readonly logger: Logger;
    readonly makeUuid: () => string;
    readonly storeIdentity: string | null;
    readonly maxConcurrentDownloads: number;
  }) {
    this.#decisions = options.decisions;
    this.#reports = options.reports;
    this.#logger = options.logger;
    this.#makeUuid = options.makeUuid;
    this.#storeIdentity = options.storeIdentity;
    this.#maxConcurrentDownloads = options.maxConcurrentDownloads;
  }

  get count(): number {
    return this.#connected.size;
  }

  /**
   * Sends to a builder if it is still there; if it is not, the farm learns that by itself. Rejects where the message
   * cannot be put on the wire.
   */
  async send(builder: BuilderId, message: RunnerMessage): Promise<void> {
    await this.#connected.get(builder)?.tunnel.send(message);
  }

  open(join: Join): AcceptedTunnel {
    const id = builderId(this.#makeUuid());
    return {
      accept: {
        maxConcurrentDownloads: this.#maxConcurrentDownloads,
        sharesStore: join.storeIdentity !== null && join.storeIdentity === this.#storeIdentity,
        takenBack: [],
        leaseSeconds: 0,
      },
      converse: (tunnel) => this.#converse(id, join, tunnel),
      ended: ({ reason }) => this.#leave(id, join, reason),
    };
  }

  async #converse(id: BuilderId, join: Join, tunnel: RunnerTunnel): Promise<void> {
    this.#connected.set(id, { join, tunnel });
    this.#logger.info({ hostname: join.hostname, slots: join.maxJobs }, 'a builder joined');
    this.#submit({ type: 'builder-joined', builder: id, facts: builderFacts(join) });
    for await (const message of tunnel.messages) this.#hear(id, tunnel, message);
  }

  #hear(id: BuilderId, tunnel: RunnerTunnel, message: BuilderMessage): void {
    switch (message.type) {
      case 'ping':
        this.#submit({
          type: 'builder-pinged',
          builder: id,
          health: {
            buildDirectoryFreePercent: message.ping.buildDirectoryFreePercent,
            storeFreePercent: message.ping.storeFreePercent,
          },
        });
        return;
      case 'step-update':
        this.#reports.notePhase(message.update.attempt, message.update.phase);
        return;
      case 'complete': {
        const { attempt } = message.report;
        this.#reports
          .complete(message.report)
          .then(() => tunnel.send({ type: 'completed', attempt }))
          .catch(() => {});
        return;
      }
    }
  }

  #leave(id: BuilderId, join: Join, reason: string): void {
    if (!this.#connected.delete(id)) return;
    this.#logger.info({ hostname: join.hostname, reason }, 'a builder left');
    this.#submit({ type: 'builder-left', builder: id });
  }

  #submit(event: Parameters<Decisions['submit']>[0]): void {
    this.#decisions.submit(event).catch(() => {});
  }
}

function builderFacts(join: Join): BuilderFacts {
  return {
    hostname: join.hostname,
    systems: join.systems,
    supportedFeatures: join.supportedFeatures,
    mandatoryFeatures: join.mandatoryFeatures,
    slots: join.maxJobs,
    // Ours hold what they cannot start yet; others would start it at once.
    ahead: join.dialect === ourDialect ? join.maxJobs + stepsAheadMin : 0,
    speedFactor: join.speedFactor,
    cpuCount: join.cpuCount,
    bogomips: join.bogomips,
    buildDirectoryThreshold: join.buildDirectoryThreshold,
    storeThreshold: join.storeThreshold,
  };
}
