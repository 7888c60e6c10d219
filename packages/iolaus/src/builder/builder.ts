import { hostname as systemHostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { DaemonConnection, DaemonError } from '@iolaus/nix';
import type { DaemonAddress, DerivationPath } from '@iolaus/nix';
import { Fault } from '../fault/fault.ts';
import type { Logger } from '../logging/logger.ts';
import { connectRunner } from '../protocol/client/runner-client.ts';
import type { ClientTls, RunnerClientOptions } from '../protocol/client/runner-client.ts';
import { BuildConnections } from './attempts/build-connections.ts';
import { openBuilderMemory } from './tunnel/builder-memory.ts';
import type { BuilderConfiguration } from './configuration.ts';
import { openMember } from './tunnel/member.ts';
import { openUplink } from './uploads/upload-directly.ts';
import { keepMembership } from './tunnel/membership.ts';

export type BuilderOptions = {
  /**
   * `http://host:port`, `https://host:port` or `unix:///path`; several of them, with commas between, where one runner
   * stands by for another.
   */
  readonly gatewayEndpoint: string;
  readonly token: string | null;
  /** For a runner that wants to know its builders by certificate. */
  readonly tls: ClientTls | null;
  readonly configuration: BuilderConfiguration;
  readonly daemon: DaemonAddress;
  /** For `nix`, and for where the store is. */
  readonly environment: NodeJS.ProcessEnv;
  readonly logger: Logger;
  /** Instead of the machine's own name. */
  readonly hostname?: string;
  /** A folder of its own, in which it keeps its name and what the runner has not got yet; null: while it runs. */
  readonly stateDirectory?: string | null;
  /** Hears at each change what the builder holds: what is built, or waits for its turn or for the runner. */
  readonly onWork?: (derivations: readonly DerivationPath[]) => void;
};

/** A builder at work. */
export interface Builder extends AsyncDisposable {
  /** Resolves when it has stopped; rejects with `Fault` when there is no sense in going on. */
  readonly ended: Promise<void>;
  /** How many attempts it holds. */
  readonly held: number;
  /** Takes nothing more from the runner, and ends when the runner has got all that was begun. */
  drain(): void;
  /** Aborts all builds and leaves the runner; takes five seconds at most. */
  stop(): Promise<void>;
}

// Everything is cancelled at once; what does not end in that time is not waited for.
const stopMillisecondsMax = 4_500;

/**
 * Starts to build for a runner, over the Nix daemon of this machine. Resolves when the runner has taken the builder, or
 * when the first try to reach it has failed: it goes on trying for ever. Throws `Fault`: 'no-nix', 'daemon-unreachable',
 * 'daemon-refused', 'protocol-mismatch', 'bad-configuration'.
 */
export async function startBuilder(options: BuilderOptions): Promise<Builder> {
  const { configuration, daemon } = options;
  await checkDaemon(daemon);
  await using starting = new AsyncDisposableStack();
  const clients = options.gatewayEndpoint
    .split(',')
    .map((endpoint) => starting.use(connectRunner(endpoint.trim(), clientOptions(options))));
  const connections = starting.use(
    new BuildConnections(daemon, { idleMax: configuration.maxJobs }),
  );
  const uplink = starting.use(openUplink());
  const memory = starting.use(openBuilderMemory(options.stateDirectory ?? null));
  const stopping = new AbortController();
  const draining = new AbortController();
  const hostname = options.hostname ?? systemHostname();
  const { signal } = stopping;
  const endDrained = (held: number): void => {
    if (draining.signal.aborted && held === 0) stopping.abort();
  };
  const member = await openMember({
    ...options,
    hostname,
    connections,
    uplink,
    memory,
    signal,
    draining: draining.signal,
    onWork: (derivations) => {
      options.onWork?.(derivations);
      endDrained(derivations.length);
    },
  });
  draining.signal.addEventListener('abort', () => endDrained(member.attempts.derivations.length));
  const { begun, ended } = keepMembership(member, clients, signal);
  await begun;
  const held = (): number => member.attempts.derivations.length;
  return new RunningBuilder(ended, held, { stopping, draining }, starting.move());
}

class RunningBuilder implements Builder {
  readonly ended: Promise<void>;
  readonly #held: () => number;
  readonly #stopping: AbortController;
  readonly #draining: AbortController;
  readonly #resources: AsyncDisposableStack;

  constructor(
    ended: Promise<void>,
    held: () => number,
    { stopping, draining }: Record<'stopping' | 'draining', AbortController>,
    resources: AsyncDisposableStack,
  ) {
    this.ended = ended;
    this.#held = held;
    this.#stopping = stopping;
    this.#draining = draining;
    this.#resources = resources;
  }

  get held(): number {
    return this.#held();
  }

  drain(): void {
    this.#draining.abort();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const given = new AbortController();
    const patience = sleep(stopMillisecondsMax, undefined, { signal: given.signal });
    await Promise.race([this.ended, patience]).catch(() => {});
    given.abort();
    await patience.catch(() => {});
    await this.#resources.disposeAsync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function clientOptions({ token, tls, daemon }: BuilderOptions): RunnerClientOptions {
  return {
    storeDirectory: daemon.storeDirectory,
    ...(token !== null && { token }),
    ...(tls !== null && { tls }),
  };
}

/** Better to say so now than to fail every build. */
async function checkDaemon(daemon: DaemonAddress): Promise<void> {
  try {
    await using connection = await DaemonConnection.connect(daemon);
    if (connection.trusted === false) throw untrusted(daemon);
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    throw error.kind === 'refused'
      ? new Fault('daemon-refused', `the Nix daemon at ${daemon.socketPath} refuses this user`, {
          remedy: 'Name the user in allowed-users and trusted-users of nix.conf.',
          cause: error,
        })
      : new Fault('daemon-unreachable', `no Nix daemon answers at ${daemon.socketPath}`, {
          remedy: 'Start nix-daemon, or set NIX_REMOTE=unix://PATH to where it listens.',
          cause: error,
        });
  }
}

function untrusted(daemon: DaemonAddress): Fault {
  return new Fault(
    'daemon-refused',
    `the Nix daemon at ${daemon.socketPath} does not trust this user, and would refuse to build for it`,
    { remedy: 'Name the user in trusted-users of nix.conf, and restart nix-daemon.' },
  );
}
