import type { BuilderUuid, MachineUuid } from '../../protocol/identity.ts';
import type { HeldAttempt, Join, Ping } from '../../protocol/join.ts';
import { ourDialect } from '../../protocol/version.ts';
import type { BuilderPlan } from '../plan.ts';

// So many slots more than it has.
export const overstatedBy = 6;

/** What a builder of the plan says when it joins. */
export function describeJoin(
  { hostname, systems, features, slots, speaks, sharesStore }: BuilderPlan,
  told: {
    readonly machine: MachineUuid;
    readonly builder: BuilderUuid | null;
    readonly held: readonly HeldAttempt[];
    readonly overstates: boolean;
  },
): Join {
  return {
    machine: told.machine,
    builder: told.builder,
    held: told.held,
    hostname,
    systems,
    supportedFeatures: features,
    mandatoryFeatures: [],
    cpuCount: 4,
    bogomips: 5_000,
    speedFactor: 1,
    maxJobs: told.overstates ? slots + overstatedBy : slots,
    totalMemoryBytes: 2 ** 34,
    buildDirectoryThreshold: 10,
    storeThreshold: 10,
    load1Threshold: 8,
    cpuPressureThreshold: 75,
    memoryPressureThreshold: 80,
    ioPressureThreshold: null,
    cgroups: false,
    substituters: [],
    useSubstitutes: false,
    nixVersion: 'nix (Nix) 2.31',
    storeIdentity: sharesStore ? 'the store of the runner' : 'a store of its own',
    dialect: speaks === 'our-dialect' ? ourDialect : 0,
  };
}

export function describePing(machine: MachineUuid, freePercent: number): Ping {
  return {
    machine,
    load1: 0,
    load5: 0,
    load15: 0,
    memoryUsedBytes: 2 ** 30,
    pressure: null,
    buildDirectoryFreePercent: freePercent,
    storeFreePercent: freePercent,
    pathsSubstituting: 0,
    pathsUploading: 0,
    pathsDownloading: 0,
  };
}
