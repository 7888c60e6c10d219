import { totalmem } from 'node:os';
import type { HeldAttempt, Join } from '../../protocol/join.ts';
import type { BuilderUuid, MachineUuid } from '../../protocol/identity.ts';
import { ourDialect } from '../../protocol/version.ts';
import type { BuilderConfiguration } from '../configuration.ts';
import type { NixSettings } from '../machine/nix-settings.ts';
import { readProcessors } from '../machine/processors.ts';

/** What a builder says of itself when it joins: its settings first, then what Nix and the system say. */
export function describeBuilder(options: {
  readonly machine: MachineUuid;
  readonly hostname: string;
  readonly configuration: BuilderConfiguration;
  readonly nix: NixSettings;
  readonly storeIdentity: string | null;
  readonly builder: BuilderUuid;
  readonly held: readonly HeldAttempt[];
}): Join {
  const { configuration, nix } = options;
  const processors = readProcessors();
  return {
    machine: options.machine,
    hostname: options.hostname,
    systems: configuration.systems ?? nix.systems,
    supportedFeatures: configuration.supportedFeatures ?? nix.systemFeatures,
    mandatoryFeatures: configuration.mandatoryFeatures,
    cpuCount: processors.count,
    bogomips: processors.bogomips,
    speedFactor: configuration.speedFactor,
    maxJobs: configuration.maxJobs,
    totalMemoryBytes: totalmem(),
    buildDirectoryThreshold: configuration.buildDirAvailThreshold,
    storeThreshold: configuration.storeAvailThreshold,
    load1Threshold: configuration.load1Threshold,
    cpuPressureThreshold: configuration.cpuPsiThreshold,
    memoryPressureThreshold: configuration.memPsiThreshold,
    ioPressureThreshold: configuration.ioPsiThreshold ?? null,
    cgroups: nix.usesCgroups,
    substituters: nix.substituters,
    useSubstitutes: configuration.useSubstitutes,
    nixVersion: nix.version,
    storeIdentity: options.storeIdentity,
    dialect: ourDialect,
    builder: options.builder,
    held: options.held,
  };
}
