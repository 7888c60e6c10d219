import { randomUUID } from 'node:crypto';
import { knownOutputPaths } from '@iolaus/nix';
import { unmeasured } from '../../packages/iolaus/src/protocol/attempt-report.ts';
import type { AttemptReport } from '../../packages/iolaus/src/protocol/attempt-report.ts';
import type { BuildOrder } from '../../packages/iolaus/src/protocol/build-order.ts';
import { parseMachineUuid } from '../../packages/iolaus/src/protocol/identity.ts';
import type { BuilderUuid, MachineUuid } from '../../packages/iolaus/src/protocol/identity.ts';
import type { Join, Ping } from '../../packages/iolaus/src/protocol/join.ts';
import { ourDialect } from '../../packages/iolaus/src/protocol/version.ts';
import { builtSizes } from './twin-store.ts';

/** What it says that it is: a machine that builds everything for everybody. */
export const describeMachine = ({
  machine,
  builder,
  hostname,
  slots,
}: {
  readonly machine: MachineUuid;
  readonly builder: BuilderUuid | null;
  readonly hostname: string;
  readonly slots: number;
}): Omit<Join, 'held'> => ({
  machine,
  hostname,
  systems: ['x86_64-linux'],
  supportedFeatures: ['big-parallel', 'kvm', 'nixos-test'],
  mandatoryFeatures: [],
  cpuCount: slots,
  bogomips: 1,
  speedFactor: 1,
  maxJobs: slots,
  totalMemoryBytes: 2 ** 34,
  buildDirectoryThreshold: 0,
  storeThreshold: 0,
  load1Threshold: 0,
  cpuPressureThreshold: 0,
  memoryPressureThreshold: 0,
  ioPressureThreshold: null,
  cgroups: false,
  substituters: [],
  useSubstitutes: false,
  nixVersion: '2.28.0',
  storeIdentity: null,
  dialect: ourDialect,
  builder,
});

export function newMachine(): MachineUuid {
  const machine = parseMachineUuid(randomUUID());
  if (machine === null) throw new Error('a UUID that is none');
  return machine;
}

export function successOf(
  { attempt, derivation }: BuildOrder,
  machine: MachineUuid,
): AttemptReport {
  const outputs = [...knownOutputPaths(derivation)].map(
    ([name, path]) =>
      [name, { path, figures: { ...builtSizes, narHash: null }, nixSupport: null }] as const,
  );
  return {
    attempt,
    machine,
    result: { type: 'succeeded', outputs: new Map(outputs) },
    ...unmeasured,
    buildMilliseconds: 1,
  };
}

export const calmPing = (machine: MachineUuid): Ping => ({
  machine,
  load1: 0,
  load5: 0,
  load15: 0,
  memoryUsedBytes: 0,
  pressure: null,
  buildDirectoryFreePercent: 90,
  storeFreePercent: 90,
  pathsSubstituting: 0,
  pathsUploading: 0,
  pathsDownloading: 0,
});
