import type { DaemonAddress, DerivationPath } from '@iolaus/nix';
import type { Logger } from '../../logging/logger.ts';
import type { MachineUuid } from '../../protocol/identity.ts';
import type { Join, Ping } from '../../protocol/join.ts';
import { identifyStore } from '../../protocol/store-identity.ts';
import { Attempts } from '../attempts/attempts.ts';
import type { Workplace } from '../attempts/attempt.ts';
import type { BuildConnections } from '../attempts/build-connections.ts';
import type { BuilderConfiguration } from '../configuration.ts';
import type { BuilderMemory } from './builder-memory.ts';
import { describeBuilder } from './join.ts';
import { readNixSettings } from '../machine/nix-settings.ts';
import { newPathCounters } from './path-counters.ts';
import type { PathCounters } from './path-counters.ts';
import { findBuildDirectory, measurePing } from './ping.ts';
import { RunnerLink } from './runner-link.ts';
import type { Uplink } from '../uploads/upload-directly.ts';
import { Slots } from '../attempts/slots.ts';
import { locateStore } from '../machine/store-location.ts';
import type { StoreLocation } from '../machine/store-location.ts';
import { UseWatch } from '../usage/use-watch.ts';

// Below every threshold, 0 included: no runner sends anything there, Hydra's neither.
const noRoom = -1;

/** A builder as its runner knows it: what stays the same from one tunnel to the next. */
export type Member = {
  readonly hostname: string;
  readonly logger: Logger;
  readonly pingMilliseconds: number;
  /** Asks Nix anew, whose settings may have changed. */
  refresh(): Promise<void>;
  /** Under the name that this tunnel has. */
  describe(machine: MachineUuid): Join;
  measure(machine: MachineUuid): Promise<Ping>;
  readonly link: RunnerLink;
  readonly attempts: Attempts;
  /** Aborted when the builder takes nothing more. */
  readonly draining: AbortSignal;
};

type MemberOptions = {
  readonly hostname: string;
  readonly configuration: BuilderConfiguration;
  readonly daemon: DaemonAddress;
  readonly environment: NodeJS.ProcessEnv;
  readonly logger: Logger;
  readonly connections: BuildConnections;
  readonly uplink: Uplink;
  readonly memory: BuilderMemory;
  readonly signal: AbortSignal;
  readonly draining: AbortSignal;
  readonly onWork?: (derivations: readonly DerivationPath[]) => void;
};

export async function openMember(options: MemberOptions): Promise<Member> {
  const { hostname, configuration, daemon, environment, logger, memory, signal, draining } =
    options;
  const location = locateStore(environment, daemon.storeDirectory);
  const storeIdentity = identifyUnmoved(daemon, location);
  let nix = await readNixSettings(environment, signal);
  const counters = newPathCounters();
  const link = new RunnerLink();
  const place = furnish(options, { location, counters, link });
  const attempts = new Attempts(place, () => options.onWork?.(attempts.derivations));
  for (const finished of memory.finished) attempts.restore(finished);
  return {
    hostname,
    logger,
    pingMilliseconds: configuration.pingInterval * 1_000,
    refresh: async () => {
      try {
        nix = await readNixSettings(environment, signal);
      } catch (error) {
        logger.warn({ error }, 'joining with the settings that Nix told before');
      }
    },
    describe: (machine) =>
      describeBuilder({
        machine,
        hostname,
        configuration,
        nix,
        storeIdentity,
        builder: memory.builder,
        held: attempts.held(),
      }),
    measure: async (machine) => {
      const ping = await measurePing({
        machine,
        buildDirectory: findBuildDirectory(nix, location),
        storeDirectory: location.physicalDirectory,
        counters,
      });
      return draining.aborted ? { ...ping, buildDirectoryFreePercent: noRoom } : ping;
    },
    link,
    attempts,
    draining,
  };
}

/** A store that is not where its paths say is nobody else's. */
function identifyUnmoved(
  { storeDirectory }: DaemonAddress,
  { physicalDirectory }: StoreLocation,
): string | null {
  return physicalDirectory === String(storeDirectory) ? identifyStore(storeDirectory) : null;
}

/** What attempts find at hand. */
function furnish(
  { configuration, daemon, connections, uplink, memory, logger }: MemberOptions,
  shared: {
    readonly location: StoreLocation;
    readonly counters: PathCounters;
    readonly link: RunnerLink;
  },
): Workplace {
  const { location, counters, link } = shared;
  const { maxJobs, buildCores: cores, useSubstitutes } = configuration;
  return {
    daemon,
    physicalDirectory: location.physicalDirectory,
    connections,
    uplink,
    slots: new Slots(maxJobs),
    settings: { cores, useSubstitutes },
    uses: new UseWatch(),
    link,
    inputs: { daemon, counters, useSubstitutes, turns: new Slots(1) },
    logFolder: memory.logFolder,
    logger,
  };
}
