import { create } from '@bufbuild/protobuf';
import type * as wire from '../generated/runner/v1/builder_pb.ts';
import { JoinMessageSchema } from '../generated/runner/v1/builder_pb.ts';
import type { Join } from '../join.ts';
import { toNumber } from './field.ts';
import { readAttempt, readBuilder, readMachine } from './uuid.ts';

export function toJoinMessage(join: Join): wire.JoinMessage {
  const { ioPressureThreshold } = join;
  return create(JoinMessageSchema, {
    machineId: join.machine,
    systems: [...join.systems],
    hostname: join.hostname,
    cpuCount: join.cpuCount,
    bogomips: join.bogomips,
    speedFactor: join.speedFactor,
    maxJobs: join.maxJobs,
    buildDirAvailThreshold: join.buildDirectoryThreshold,
    storeAvailThreshold: join.storeThreshold,
    load1Threshold: join.load1Threshold,
    cpuPsiThreshold: join.cpuPressureThreshold,
    memPsiThreshold: join.memoryPressureThreshold,
    ...(ioPressureThreshold === null ? {} : { ioPsiThreshold: ioPressureThreshold }),
    totalMem: BigInt(join.totalMemoryBytes),
    supportedFeatures: [...join.supportedFeatures],
    mandatoryFeatures: [...join.mandatoryFeatures],
    cgroups: join.cgroups,
    substituters: [...join.substituters],
    useSubstitutes: join.useSubstitutes,
    nixVersion: join.nixVersion,
    storeIdentity: join.storeIdentity ?? '',
    dialect: join.dialect,
    builderId: join.builder ?? '',
    held: join.held.map(({ attempt, fence }) => ({ buildId: attempt, attempt: BigInt(fence) })),
  });
}

/** Throws `CallError('invalid-argument')`. */
export function fromJoinMessage(message: wire.JoinMessage): Join {
  return {
    machine: readMachine(message.machineId),
    hostname: message.hostname,
    systems: message.systems,
    supportedFeatures: message.supportedFeatures,
    mandatoryFeatures: message.mandatoryFeatures,
    cpuCount: message.cpuCount,
    bogomips: message.bogomips,
    speedFactor: message.speedFactor,
    maxJobs: message.maxJobs,
    totalMemoryBytes: toNumber('total_mem', message.totalMem),
    buildDirectoryThreshold: message.buildDirAvailThreshold,
    storeThreshold: message.storeAvailThreshold,
    load1Threshold: message.load1Threshold,
    cpuPressureThreshold: message.cpuPsiThreshold,
    memoryPressureThreshold: message.memPsiThreshold,
    ioPressureThreshold: message.ioPsiThreshold ?? null,
    cgroups: message.cgroups,
    substituters: message.substituters,
    useSubstitutes: message.useSubstitutes,
    nixVersion: message.nixVersion,
    storeIdentity: message.storeIdentity === '' ? null : message.storeIdentity,
    dialect: message.dialect,
    builder: readBuilder(message.builderId),
    held: message.held.map(({ buildId, attempt }) => ({
      attempt: readAttempt(buildId),
      fence: toNumber('attempt', attempt),
    })),
  };
}
