import { create } from '@bufbuild/protobuf';
import type {
  AttemptReport,
  OutputFigures,
  ReportedOutput,
  StepUpdate,
} from '../attempt-report.ts';
import type { Phase } from '../../farm/outcome.ts';
import type * as wire from '../generated/runner/v1/build_pb.ts';
import {
  BuildResultInfoSchema,
  BuildResultState,
  OutputInfoSchema,
  StepStatus,
  StepUpdateSchema,
} from '../generated/runner/v1/build_pb.ts';
import { toHashMessage } from './content-address.ts';
import { readFailure, toFailureFields } from './failure.ts';
import { toNumber, zeroAsNull } from './field.ts';
import { fitMessage, fitOutputs, refuseExcess } from './fit-report.ts';
import { fromNixSupportMessage, toNixSupportMessage } from './nix-support.ts';
import { fromNarHashMessage } from './path-info.ts';
import { fromStorePathMessage, toStorePathMessage } from './store-path.ts';
import { readAttempt, readMachine } from './uuid.ts';

const phaseNumbers = {
  preparing: StepStatus.Preparing,
  connecting: StepStatus.Connecting,
  'sending-inputs': StepStatus.SeningInputs,
  building: StepStatus.Building,
  'waiting-for-local-slot': StepStatus.WaitingForLocalSlot,
  'receiving-outputs': StepStatus.ReceivingOutputs,
  'post-processing': StepStatus.PostProcessing,
} as const satisfies Record<Phase, wire.StepStatus>;

const phases = new Map<wire.StepStatus, Phase>([
  [StepStatus.Preparing, 'preparing'],
  [StepStatus.Connecting, 'connecting'],
  [StepStatus.SeningInputs, 'sending-inputs'],
  [StepStatus.Building, 'building'],
  [StepStatus.WaitingForLocalSlot, 'waiting-for-local-slot'],
  [StepStatus.ReceivingOutputs, 'receiving-outputs'],
  [StepStatus.PostProcessing, 'post-processing'],
]);

export function toStepUpdateMessage({ attempt, machine, phase }: StepUpdate): wire.StepUpdate {
  return create(StepUpdateSchema, {
    buildId: attempt,
    machineId: machine,
    stepStatus: phaseNumbers[phase],
  });
}

/** Throws `CallError('invalid-argument')`. A number that we do not know reads as `preparing`. */
export function fromStepUpdateMessage(message: wire.StepUpdate): StepUpdate {
  return {
    attempt: readAttempt(message.buildId),
    machine: readMachine(message.machineId),
    phase: phases.get(message.stepStatus) ?? 'preparing',
  };
}

export function toAttemptReportMessage(report: AttemptReport): wire.BuildResultInfo {
  return create(BuildResultInfoSchema, {
    buildId: report.attempt,
    machineId: report.machine,
    importTimeMs: toInteger(report.importMilliseconds),
    buildTimeMs: toInteger(report.buildMilliseconds),
    uploadTimeMs: toInteger(report.uploadMilliseconds),
    ...toResultFields(report.result),
    cached: report.cached,
    startTimeMs: toInteger(report.startedAt),
    stopTimeMs: toInteger(report.stoppedAt),
    cpuUserUs: toInteger(report.cpuUserMicroseconds),
    cpuSystemUs: toInteger(report.cpuSystemMicroseconds),
    peakMemory: toInteger(report.peakMemoryBytes),
  });
}

/** Throws `CallError('invalid-argument')`. */
export function fromAttemptReportMessage(message: wire.BuildResultInfo): AttemptReport {
  const number = (field: string, value: bigint) => toNumber(field, value);
  return {
    attempt: readAttempt(message.buildId),
    machine: readMachine(message.machineId),
    result: readResult(message),
    importMilliseconds: number('import_time_ms', message.importTimeMs),
    buildMilliseconds: number('build_time_ms', message.buildTimeMs),
    uploadMilliseconds: number('upload_time_ms', message.uploadTimeMs),
    cached: message.cached,
    startedAt: zeroAsNull(number('start_time_ms', message.startTimeMs)),
    stoppedAt: zeroAsNull(number('stop_time_ms', message.stopTimeMs)),
    cpuUserMicroseconds: zeroAsNull(number('cpu_user_us', message.cpuUserUs)),
    cpuSystemMicroseconds: zeroAsNull(number('cpu_system_us', message.cpuSystemUs)),
    peakMemoryBytes: zeroAsNull(number('peak_memory', message.peakMemory)),
  };
}

function toResultFields(
  result: AttemptReport['result'],
): Pick<wire.BuildResultInfo, 'resultState' | 'outputInfos' | 'errorMsg'> &
  Partial<Pick<wire.BuildResultInfo, 'verdict'>> {
  if (result.type === 'succeeded') {
    const outputs = [...fitOutputs(result.outputs)].map(([name, output]) => [
      name,
      toOutputMessage(output),
    ]);
    return {
      resultState: BuildResultState.Success,
      outputInfos: Object.fromEntries(outputs) as Record<string, wire.OutputInfo>,
    };
  }
  const { failure, message } = result;
  return {
    ...toFailureFields(failure),
    outputInfos: {},
    ...(message === null ? {} : { errorMsg: fitMessage(message) }),
  };
}

function readResult(message: wire.BuildResultInfo): AttemptReport['result'] {
  if (message.resultState === BuildResultState.Success) {
    refuseExcess(message.outputInfos);
    const outputs = Object.entries(message.outputInfos).map(
      ([name, output]): [string, ReportedOutput] => [name, fromOutputMessage(name, output)],
    );
    return { type: 'succeeded', outputs: new Map(outputs) };
  }
  const { errorMsg } = message;
  const said = errorMsg === undefined ? null : fitMessage(errorMsg);
  return { type: 'failed', failure: readFailure(message), message: said };
}

function toOutputMessage(output: ReportedOutput): wire.OutputInfo {
  const { figures, nixSupport } = output;
  return create(OutputInfoSchema, {
    path: toStorePathMessage(output.path),
    ...(figures === null ? {} : toFigureFields(figures)),
    ...(nixSupport === null ? {} : { nixSupport: toNixSupportMessage(nixSupport) }),
  });
}

function toFigureFields({ closureSize, narSize, narHash }: OutputFigures) {
  return {
    closureSize: BigInt(closureSize),
    narSize: BigInt(narSize),
    ...(narHash === null ? {} : { narHash: toHashMessage(narHash) }),
  };
}

function fromOutputMessage(name: string, message: wire.OutputInfo): ReportedOutput {
  const { narSize, nixSupport } = message;
  return {
    path: fromStorePathMessage(`path of output ${name}`, message.path),
    // No archive is empty.
    figures: narSize === 0n ? null : fromFigureFields(name, message),
    nixSupport: nixSupport === undefined ? null : fromNixSupportMessage(nixSupport),
  };
}

function fromFigureFields(
  name: string,
  { closureSize, narSize, narHash }: wire.OutputInfo,
): OutputFigures {
  return {
    closureSize: toNumber(`closure_size of output ${name}`, closureSize),
    narSize: toNumber(`nar_size of output ${name}`, narSize),
    narHash:
      narHash === undefined ? null : fromNarHashMessage(`nar_hash of output ${name}`, narHash),
  };
}

function toInteger(value: number | null): bigint {
  return BigInt(Math.round(value ?? 0));
}
