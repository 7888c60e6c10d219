import { create } from '@bufbuild/protobuf';
import type * as wire from '../generated/runner/v1/builder_pb.ts';
import {
  PingMessageSchema,
  PressureSchema,
  PressureStateSchema,
} from '../generated/runner/v1/builder_pb.ts';
import type { Ping, Pressure, PressureState } from '../join.ts';
import { toNumber } from './field.ts';
import { readMachine } from './uuid.ts';

export function toPingMessage(ping: Ping): wire.PingMessage {
  return create(PingMessageSchema, {
    machineId: ping.machine,
    load1: ping.load1,
    load5: ping.load5,
    load15: ping.load15,
    memUsage: BigInt(ping.memoryUsedBytes),
    ...(ping.pressure === null ? {} : { pressure: toPressureStateMessage(ping.pressure) }),
    buildDirFreePercent: ping.buildDirectoryFreePercent,
    storeFreePercent: ping.storeFreePercent,
    currentSubstitutingPathCount: BigInt(ping.pathsSubstituting),
    currentUploadingPathCount: BigInt(ping.pathsUploading),
    currentDownloadingPathCount: BigInt(ping.pathsDownloading),
  });
}

/** Throws `CallError('invalid-argument')`. */
export function fromPingMessage(message: wire.PingMessage): Ping {
  const { pressure } = message;
  return {
    machine: readMachine(message.machineId),
    load1: message.load1,
    load5: message.load5,
    load15: message.load15,
    memoryUsedBytes: toNumber('mem_usage', message.memUsage),
    pressure: pressure === undefined ? null : fromPressureStateMessage(pressure),
    buildDirectoryFreePercent: message.buildDirFreePercent,
    storeFreePercent: message.storeFreePercent,
    pathsSubstituting: toNumber('substituting', message.currentSubstitutingPathCount),
    pathsUploading: toNumber('uploading', message.currentUploadingPathCount),
    pathsDownloading: toNumber('downloading', message.currentDownloadingPathCount),
  };
}

function toPressureStateMessage(state: PressureState): wire.PressureState {
  return create(PressureStateSchema, {
    ...toPressureField('cpuSome', state.cpuSome),
    ...toPressureField('memSome', state.memorySome),
    ...toPressureField('memFull', state.memoryFull),
    ...toPressureField('ioSome', state.ioSome),
    ...toPressureField('ioFull', state.ioFull),
    ...toPressureField('irqFull', state.irqFull),
  });
}

function toPressureField(
  name: string,
  pressure: Pressure | null,
): Readonly<Record<string, wire.Pressure>> {
  if (pressure === null) return {};
  const { average10, average60, average300, totalMicroseconds } = pressure;
  return {
    [name]: create(PressureSchema, {
      avg10: average10,
      avg60: average60,
      avg300: average300,
      total: BigInt(totalMicroseconds),
    }),
  };
}

function fromPressureStateMessage(message: wire.PressureState): PressureState {
  return {
    cpuSome: fromPressureMessage(message.cpuSome),
    memorySome: fromPressureMessage(message.memSome),
    memoryFull: fromPressureMessage(message.memFull),
    ioSome: fromPressureMessage(message.ioSome),
    ioFull: fromPressureMessage(message.ioFull),
    irqFull: fromPressureMessage(message.irqFull),
  };
}

function fromPressureMessage(message: wire.Pressure | undefined): Pressure | null {
  if (message === undefined) return null;
  return {
    average10: message.avg10,
    average60: message.avg60,
    average300: message.avg300,
    totalMicroseconds: toNumber('total', message.total),
  };
}
